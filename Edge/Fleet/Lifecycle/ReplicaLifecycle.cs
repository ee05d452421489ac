using Edge.Config;
using Edge.Routing;
using Edge.Telemetry;

namespace Edge.Fleet;

/// <summary>
/// The lives of replicas: begins them, moves them from state to state, and ends them. It knows nothing of the calls that ask for it. Belongs to the
/// fleet manager's actor. The caller makes sure that a replica leaves the rotation in a published table before its end begins here.
/// </summary>
internal sealed class ReplicaLifecycle(
    Roster roster,
    TablePublisher publisher,
    DriverCapabilities driver,
    IDataPlane plane,
    FleetTasks tasks,
    ServiceOptionsCell options,
    TimeProvider time,
    Random random,
    Log log,
    CancellationToken shutdown)
{
    /// <summary>A new life, not started yet.</summary>
    internal Incarnation NewLife(string why) => new(time.GetUtcNow(), why, shutdown);

    /// <summary>Begins to observe a running replica. Returns false if no slot is left for it.</summary>
    internal bool TryObserve(Member member)
    {
        Incarnation incarnation = member.Incarnation;
        if (roster.TakeSlot() is not { } slot)
        {
            return false;
        }

        incarnation.Replica = new Replica(slot, member.Name, incarnation.Observed!.Address, member.Weight, plane.Loops)
        {
            EjectAfter = options.Current.Ejection.Failures,
            TlsName = incarnation.Observed.TlsName,
        };
        if (!driver.StartsReplicas)
        {
            incarnation.ChecksPass = true;
            Move(member, ReplicaEvent.Passed, "it is taken to be well until it fails a health check");
            publisher.Publish();
        }

        tasks.WatchHealth(member, incarnation);
        return true;
    }

    /// <summary>Applies an event to a member's replica. The caller publishes a table before anything that relies on it.</summary>
    internal bool Move(Member member, ReplicaEvent happened, string why)
    {
        Incarnation incarnation = member.Incarnation;
        bool isWarm = HasWarm();
        if (!incarnation.Move(happened, why, time.GetUtcNow()))
        {
            return false;
        }

        if (incarnation.State == ReplicaState.Healthy)
        {
            incarnation.RampFrom = options.Current.Fleet.SlowStart > TimeSpan.Zero && (isWarm || incarnation.OnTrial) ? time.GetUtcNow() : null;
        }

        ReadOnlySpan<(string, object?)> fields =
        [
            ("name", member.Name),
            ("state", incarnation.State.ToString().ToLowerInvariant()),
            ("address", incarnation.Observed?.ShownAddress),
            ("why", why),
        ];
        if (happened is ReplicaEvent.Failed or ReplicaEvent.Died)
        {
            log.Warning("replica_state", fields);
        }
        else
        {
            log.Info("replica_state", fields);
        }

        return true;
    }

    /// <summary>Other options take effect, also those that replicas carry.</summary>
    internal void Reconfigure(ServiceOptions changed)
    {
        options.Current = changed;
        roster.Target = ScaleBounds.TargetOf(changed, driver, roster.Target);
        foreach (Incarnation incarnation in roster.Members.Select(m => m.Incarnation))
        {
            // A replica on trial is ejected after its first failure, whatever the options say; the end of the trial restores the number.
            if (incarnation is { Replica: { } replica, OnTrial: false })
            {
                replica.EjectAfter = changed.Ejection.Failures;
            }
        }

        publisher.Publish();
    }

    /// <summary>Begins the end of a replica that is draining and in no published table.</summary>
    internal void End(Member member, StopKind kind)
    {
        member.Incarnation.EndLife();

        // A replica that is still being started reports the result of its start, which has just been cancelled.
        if (member.Incarnation.Observed is not null)
        {
            tasks.Retire(member, member.Incarnation, kind);
        }
    }

    /// <summary>Lets go of a replica that died and is in no published table.</summary>
    internal void Bury(Member member, Incarnation incarnation)
    {
        incarnation.EndLife();
        tasks.Release(member, incarnation);
    }

    /// <summary>Tries again to stop a replica that could not be stopped, after a pause.</summary>
    internal void PlanStop(Member member, Incarnation incarnation)
    {
        member.Failures++;
        tasks.PostLater(new FleetMessage.StopAgain(member, incarnation), Backoff.Next(member.Failures, random));
    }

    /// <summary>The data plane does not use a replica any more: its counts are kept, and its slot may go to another replica.</summary>
    internal void Forget(Member member, Incarnation incarnation)
    {
        Replica replica = incarnation.Replica!;
        member.Remember(replica);
        incarnation.Replica = null;
        roster.FreeSlot(replica.Slot);
    }

    // Replicas that come shortly after each other, as at a start, are the whole fleet: no other replica could take the requests that they are spared.
    private bool HasWarm() => roster.InRotation().Any(i => time.GetUtcNow() - i.HealthySince >= options.Current.Fleet.SlowStart);
}
