using System.Diagnostics;
using Edge.Fleet;
using Edge.Observability;

namespace Edge.Control;

/// <summary>Puts /edge/status together.</summary>
/// <param name="balancer">The balancer itself, as it is now.</param>
/// <param name="loops">The loops' own counters now.</param>
/// <param name="time">The clock of the uptime.</param>
/// <param name="options">The options that hold, as they may be shown.</param>
internal sealed class StatusSource(
    Func<BalancerReport> balancer, Func<LoopReport[]> loops, TimeProvider time, Func<IReadOnlyDictionary<string, string>> options)
{
    internal StatusReport Read(FleetSnapshot fleet, bool owned)
    {
        BalancerReport now = balancer();
        return new(
            StatusReport.CurrentVersion, now, Process(now.Started), Report(now, fleet, owned), loops(), [.. fleet.Replicas.Select(Report)], options());
    }

    private static FleetReport Report(BalancerReport balancer, FleetSnapshot fleet, bool owned) => new(
        balancer.Fleet,
        balancer.Driver,
        fleet.Blindness is not null ? "lost" : fleet.IsKnown ? "watching" : "starting",
        fleet.Blindness,
        owned,
        fleet.Replicas.Count,
        fleet.Running.Count,
        fleet.Replicas.Count(r => r.EffectiveWeight > 0),
        balancer.Minimum,
        balancer.Maximum,
        fleet.InPanic);

    private ProcessReport Process(DateTimeOffset started) => new(
        Environment.ProcessId,
        Math.Round((time.GetUtcNow() - started).TotalSeconds, 3),
        GC.GetTotalMemory(forceFullCollection: false),
        [GC.CollectionCount(0), GC.CollectionCount(1), GC.CollectionCount(2)]);

    private static ReplicaReport Report(ReplicaSnapshot replica)
    {
        Balancing.ReplicaTotals totals = replica.Totals();
        return new ReplicaReport(
            replica.Name,
            replica.Address?.ToString(),
            replica.State.ToString().ToLowerInvariant(),
            replica.Why,
            replica.Since,
            replica.Weight,
            replica.EffectiveWeight,
            replica.Ejected,
            replica.OnTrial,
            replica.Observed?.Image,
            totals.InFlight,
            totals.Requests,
            totals.Failures,
            replica.Restarts,
            replica.CrashLoop);
    }
}
