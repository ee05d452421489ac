using System.Net;
using Edge.Http;
using Edge.Telemetry;

namespace Edge.Proxy;

/// <summary>What the data plane needs to know. The addresses and the number of loops are fixed for the life of the process.</summary>
internal sealed record ProxySettings
{
    /// <summary>Where clients come in.</summary>
    internal required IPEndPoint Listen { get; init; }

    /// <summary>
    /// Where the balancer's own paths are served, when not beside the forwarded ones on <see cref="Listen"/>: then the
    /// public address forwards every path.
    /// </summary>
    internal IPEndPoint? ControlListen { get; init; }

    /// <summary>Event loops, one thread each; 1 to <see cref="Config.Limits.Loops"/>.</summary>
    internal required int Loops { get; init; }

    /// <summary>Whether a loop sends to many connections by one call, where the kernel lets it use io_uring(7).</summary>
    internal bool IoUring { get; init; } = true;

    /// <summary>From the first byte of a request to the end of its head.</summary>
    internal TimeSpan RequestHead { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>From the whole request sent to the end of the response's head.</summary>
    internal TimeSpan ResponseHead { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>To reach a replica.</summary>
    internal TimeSpan Connect { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Between two requests of a client's connection; above the sixty seconds for which common balancers in front keep theirs.</summary>
    internal TimeSpan ClientIdle { get; init; } = TimeSpan.FromSeconds(75);

    /// <summary>Of a connection to a replica that waits for its next request; under the five seconds after which common servers close.</summary>
    internal TimeSpan PoolIdle { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary>Without progress, while a body is on its way in either direction.</summary>
    internal TimeSpan BodyIdle { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The whole of a request, from its head to the end of its response; zero for no limit.</summary>
    internal TimeSpan Request { get; init; }

    /// <summary>Without a byte in either direction, after a connection has changed its protocol.</summary>
    internal TimeSpan Tunnel { get; init; } = TimeSpan.FromHours(1);

    /// <summary>When a request is sent again.</summary>
    internal RetrySettings Retries { get; init; } = new();

    /// <summary>How much is let through at a time.</summary>
    internal OverloadSettings Overload { get; init; } = new();

    /// <summary>Whether replicas are picked by their load, rather than in turn.</summary>
    internal bool PickLessLoaded { get; init; } = true;

    /// <summary>Whether a status of 500 or more counts as a failure of the replica, as far as its ejection goes.</summary>
    internal bool EjectsOnStatus { get; init; }

    /// <summary>Whether a replica gets to finish an unsafe request whose client has left.</summary>
    internal bool FinishAbandoned { get; init; } = true;

    /// <summary>How long a safe request goes on whose client has sent its FIN and takes nothing; zero for as long as any.</summary>
    internal TimeSpan HalfCloseGrace { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Whether responses name their replica in X-Edge-Replica.</summary>
    internal bool NameReplica { get; init; } = true;

    /// <summary>Whether CONNECT gets 501, as a method that nobody here knows, instead of 405 (RFC 9110 §9.1).</summary>
    internal bool ConnectIsUnknown { get; init; }

    /// <summary>The pseudonym that Via carries (RFC 9110 §7.6.3), or null for no Via.</summary>
    internal string? Via { get; init; }

    /// <summary>Whether requests have it, too, as RFC 9110 §7.6.3 asks of a gateway; else responses alone.</summary>
    internal bool ViaToReplicas { get; init; }

    /// <summary>Whether fields of a request with an underscore in their names do not go to the replica.</summary>
    internal bool RemoveUnderscores { get; init; }

    /// <summary>How the lines of the access log look, if there is one.</summary>
    internal AccessFormat LogFormat { get; init; }

    /// <summary>Of how many requests one is logged, 1 or more.</summary>
    internal int LogSample { get; init; } = 1;

    /// <summary>What becomes of X-Request-ID.</summary>
    internal RequestIdPolicy RequestIds { get; init; }

    /// <summary>Whether a request that is in no trace begins one.</summary>
    internal bool StartTraces { get; init; }

    /// <summary>Peers whose X-Forwarded-* fields are believed and appended to; those of all others are replaced.</summary>
    internal IReadOnlyList<IPNetwork> TrustedProxies { get; init; } = [];

    /// <summary>Peers whose connections have to begin with a header of the PROXY protocol; those of all others must not.</summary>
    internal IReadOnlyList<IPNetwork> ProxyProtocolFrom { get; init; } = [];

    /// <summary>What one client's connection may ask.</summary>
    internal ClientLimits ClientLimits { get; init; } = new();
}
