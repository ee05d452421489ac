using Edge.Telemetry;

namespace Edge.Control;

/// <summary>Everything about the balancer at one instant: the answer of /edge/status, described in docs/api.md.</summary>
/// <param name="Version">Of this description: it grows by fields, and gets another number where one goes or means something else.</param>
/// <param name="Balancer">The program and how it is set up.</param>
/// <param name="Process">The process that it is.</param>
/// <param name="Fleet">The replicas together.</param>
/// <param name="Traffic">What clients see.</param>
/// <param name="Loops">Each event loop.</param>
/// <param name="Replicas">Each replica, in natural order of the names.</param>
/// <param name="Ignored">What looks like a replica and is not taken for one.</param>
/// <param name="Options">Each key with the value that holds; of a secret only whether it is set.</param>
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
}
