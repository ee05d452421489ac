using System.Diagnostics;
using Edge.Fleet;
using Edge.Observability;

namespace Edge.Control;

/// <summary>Puts /edge/status together.</summary>
/// <param name="balancer">The balancer itself, as it is now.</param>
/// <param name="loops">The loops' own counters now.</param>
/// <param name="time">The clock of the uptime.</param>
internal sealed class StatusSource(Func<BalancerReport> balancer, Func<LoopReport[]> loops, TimeProvider time)
{
    internal StatusReport Read(FleetSnapshot fleet)
    {
        BalancerReport now = balancer();
        return new(now, Process(now.Started), loops(), [.. fleet.Replicas.Select(Report)]);
    }

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
            totals.InFlight,
            totals.Requests,
            totals.Failures,
            replica.Restarts,
            replica.CrashLoop);
    }
}
