using Edge.Telemetry;

namespace Edge.Control;

/// <summary>Everything about the balancer at one instant: the answer of /edge/status, described in docs/api.md.</summary>
/// <param name="Version">Of this description. Fields may be added; it gets another number if a field goes or changes its meaning.</param>
/// <param name="Balancer">The program and its main settings.</param>
/// <param name="Process">The process.</param>
/// <param name="Fleet">The replicas together.</param>
/// <param name="Traffic">What clients see.</param>
/// <param name="Loops">Each event loop.</param>
/// <param name="Replicas">Each replica, in natural order of the names.</param>
/// <param name="Ignored">Things that look like replicas and are ignored.</param>
/// <param name="Options">Each key with its present value; for a secret only whether it is set.</param>
internal sealed record StatusReport(
    int Version,
    BalancerReport Balancer,
    ProcessReport Process,
    FleetReport Fleet,
    TrafficReport Traffic,
    IReadOnlyList<LoopReport> Loops,
    IReadOnlyList<ReplicaReport> Replicas,
    IReadOnlyList<IgnoredReport> Ignored,
    IReadOnlyDictionary<string, string> Options)
{
    internal const int CurrentVersion = 1;

    /// <summary>The certificates that clients get to see; empty without TLS. Null from a balancer of an older version.</summary>
    public IReadOnlyList<CertificateReport>? Certificates { get; init; }

    /// <summary>The services beside the default one, which is all of the above. Null from a balancer of an older version.</summary>
    public IReadOnlyList<ServiceReport>? Services { get; init; }

    /// <summary>Containers whose labels ask for routes that they do not get. Null from a balancer of an older version.</summary>
    public IReadOnlyList<IgnoredReport>? RoutesRefused { get; init; }

    /// <summary>What becomes of new requests for the default service: open, paused or stopped. Null from a balancer of an older version.</summary>
    public string? State { get; init; }

    /// <summary>TLS with clients; null without TLS.</summary>
    public TlsReport? Tls { get; init; }
}
