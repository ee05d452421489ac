using Edge.Http;
using Edge.Routing;

namespace Edge.Proxy;

/// <summary>
/// What belongs to one request of a client, whatever its stream is. The loop lends it together with the stream, the last one that came
/// back first: a connection that idles holds none of it, and however many connections take turns, they go through the memory of
/// as many of these as have a request at one time.
/// </summary>
internal sealed class RequestContext
{
    private readonly LoopContext _loop;

    internal RequestContext(LoopContext loop, LoopAccounting accounting, ClientStream client)
    {
        _loop = loop;
        Client = client;
        Accounting = new RequestAccounting(loop, accounting, Peer);
    }

    /// <summary>The client whose request it is.</summary>
    internal ClientStream Client { get; }

    internal RequestAccounting Accounting { get; }

    internal PeerText Peer { get; } = new();

    /// <summary>The route whose path is taken off the request's; null for none.</summary>
    internal RouteTarget? Stripped { get; set; }

    /// <summary>What the answer carries in any case, as its service says; null for nothing, and where no service is known.</summary>
    internal FixedFields? FixedFields { get; set; }

    /// <summary>Authorization was meant for the balancer, and does not go on.</summary>
    internal bool TakesAuthorization { get; set; }

    /// <param name="minorVersion">The HTTP version of the request.</param>
    internal ForwardingContext ForwardingContext(int minorVersion) => new()
    {
        Identity = Accounting.Identity is { } made ? made.Lines : default,
        LeavesOut = LeavesOut,
        Peer = Peer.Text,
        PeerLines = Peer.Lines,
        Scheme = Peer.Scheme,
        ClientSubject = Client.IsTls ? Client.CertificateSubject : default,
        Prefix = Stripped is { } route ? route.Path : default,
        PeerIsTrusted = Client.IsTrusted,
        DefaultHost = Client.IsTls ? _loop.DefaultTlsHost : _loop.DefaultHost,
        ViaLine = _loop.Settings.ViaToReplicas(minorVersion),
    };

    private LeftOut LeavesOut => (_loop.Settings.RemovesUnderscores ? LeftOut.Underscored : LeftOut.None)
        | (TakesAuthorization ? LeftOut.Authorization : LeftOut.None)
        | (Accounting.Identity is { } made
            ? (made.HasRequestId ? LeftOut.RequestId : LeftOut.None) | (made.HasTrace ? LeftOut.Trace : LeftOut.None)
            : LeftOut.None);

    /// <summary>Its stream has a client, and a request.</summary>
    internal void Begin()
    {
        FixedFields = null;
        Stripped = null;
        TakesAuthorization = false;
        Peer.Set(Client.Peer, Client.IsTls);
    }
}
