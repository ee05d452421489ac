using Edge.Routing;
using Edge.Telemetry;

namespace Edge.Fleet;

/// <summary>
/// Makes one replica fail under the live load, and measures how the fleet heals. One drill at a time, and only if another replica is in rotation.
/// </summary>
internal sealed class Drill(FleetManager fleet, IReplicaDriver driver, IDataPlane plane, TimeProvider time, Log log)
{
    /// <summary>
    /// How long the drill waits for the replica. Longer than it takes to give up a replica that stands still, to drain it and to start it again.
    /// </summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private int _underWay;

    /// <summary>Returns when the replica is back, when it has left the fleet, or when that takes too long.</summary>
    /// <param name="name">A replica in rotation.</param>
    /// <param name="fault">The fault.</param>
    /// <returns>The outcome, or why there is none.</returns>
    internal async Task<(DrillOutcome? Outcome, CallRefusal? Refusal)> RunAsync(string name, ReplicaFault fault)
    {
        if (Check(name, fleet.Snapshot) is { } refusal)
        {
            return (null, refusal);
        }

        if (Interlocked.Exchange(ref _underWay, 1) != 0)
        {
            return (null, new CallRefusal(CallRefusalKind.Conflict, "another drill is under way"));
        }

        try
        {
            return await MeasureAsync(name, fleet.Snapshot.Replicas.First(r => r.Name == name).Observed!, fault);
        }
        catch (DriverException failed)
        {
            return (null, AdmissionRules.Failure($"'{name}' could not be made to fail", failed));
        }
        finally
        {
            Volatile.Write(ref _underWay, 0);
        }
    }

    private CallRefusal? Check(string name, FleetSnapshot now)
    {
        if (!driver.Capabilities.InflictsFaults)
        {
            return new CallRefusal(CallRefusalKind.Conflict, $"the fleet is {driver.Name}: its replicas are not the balancer's to make fail");
        }

        if (now.Blindness is { } blindness)
        {
            return new CallRefusal(CallRefusalKind.Unavailable, $"the driver ({driver.Name}) cannot do anything now: {blindness}");
        }

        if (now.Replicas.FirstOrDefault(r => r.Name == name) is not { } replica)
        {
            return new CallRefusal(CallRefusalKind.Unknown, $"'{name}' is no replica");
        }

        if (replica.State != ReplicaState.Healthy)
        {
            return new CallRefusal(CallRefusalKind.Conflict, $"'{name}' is not in rotation: {replica.Why}");
        }

        return now.Replicas.Count(r => r.State == ReplicaState.Healthy) > 1
            ? null
            : new CallRefusal(CallRefusalKind.Conflict, $"'{name}' is the only replica in rotation: nobody would be left to answer");
    }

    private async Task<(DrillOutcome, CallRefusal?)> MeasureAsync(string name, ObservedReplica observed, ReplicaFault fault)
    {
        var recovery = new Recovery(name, time);
        fleet.Changed += recovery.Look;
        try
        {
            log.Warning("drill", ("name", name), ("fault", fault.ToString().ToLowerInvariant()));
            ClientView clients = await plane.ObserveAsync(async () =>
            {
                recovery.Begin();
                await driver.InflictAsync(observed.UnitId, fault, CancellationToken.None);
                await recovery.Over.WaitAsync(Patience, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            });
            var outcome = new DrillOutcome(recovery.Noticed, recovery.Healed, clients);
            log.Warning(
                "drill_over",
                ("name", name),
                ("noticed_seconds", outcome.Noticed?.TotalSeconds),
                ("healed_seconds", outcome.Healed?.TotalSeconds),
                ("answered", clients.Answered),
                ("retried", clients.Retried),
                ("failed", clients.Failed));
            return (outcome, null);
        }
        finally
        {
            fleet.Changed -= recovery.Look;
        }
    }

    /// <summary>Follows one name from the fault until it is in rotation again.</summary>
    private sealed class Recovery(string name, TimeProvider time)
    {
        private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly Lock _lock = new();
        private long _begun;

        internal TimeSpan? Noticed { get; private set; }

        internal TimeSpan? Healed { get; private set; }

        internal Task Over => _over.Task;

        internal void Begin()
        {
            lock (_lock)
            {
                _begun = time.GetTimestamp();
            }
        }

        internal void Look(FleetSnapshot now)
        {
            lock (_lock)
            {
                if (_begun == 0)
                {
                    return;
                }

                ReplicaState? state = now.Replicas.FirstOrDefault(r => r.Name == name)?.State;
                if (state != ReplicaState.Healthy)
                {
                    Noticed ??= time.GetElapsedTime(_begun);
                }
                else if (Noticed is not null)
                {
                    Healed ??= time.GetElapsedTime(_begun);
                }

                // The replica was removed in the meantime, so it will not come back.
                if (state is null || Healed is not null)
                {
                    _over.TrySetResult();
                }
            }
        }
    }
}
