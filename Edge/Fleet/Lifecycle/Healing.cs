using Edge.Telemetry;

namespace Edge.Fleet;

/// <summary>
/// Starts again, or makes again, what ended by itself. Before each start there is a pause, which grows with each failure in a row (<see cref="Backoff"/>).
/// Belongs to the fleet manager's actor.
/// </summary>
internal sealed class Healing(Roster roster, ReplicaLifecycle lifecycle, FleetTasks tasks, TimeProvider time, Random random, Log log)
{
    /// <summary>
    /// How long to wait before a replica is started again that was asked to end. An engine says that it was a stop only when it has cleaned up behind
    /// the container: after 0.3 to 0.6 s on a busy machine, and later on a busier one.
    /// </summary>
    internal static readonly TimeSpan StopSettling = TimeSpan.FromSeconds(10);

    /// <summary>How long to wait before a replica is made again that was removed from outside, so that the removal can finish.</summary>
    internal static readonly TimeSpan RemovalSettling = TimeSpan.FromSeconds(1);

    // The pause before the next look at a replica that something else is about to start; its start is also an event.
    private static readonly TimeSpan DeferredPause = TimeSpan.FromSeconds(5);

    /// <summary>A replica died, or was stopped because it had been ill for too long.</summary>
    /// <param name="member">Its member.</param>
    /// <param name="mayBeStopped">Whether it may turn out that the replica was stopped on purpose.</param>
    internal void AfterEnd(Member member, bool mayBeStopped = false) => Plan(member, blame: true, mayBeStopped ? StopSettling : TimeSpan.Zero);

    /// <summary>A replica that the balancer had made was removed from outside.</summary>
    internal void AfterRemoval(Member member) => Plan(member, blame: false, RemovalSettling);

    /// <summary>A replica could not be started.</summary>
    /// <param name="member">Its member.</param>
    /// <param name="why">If the driver could not do anything, or lets something else start the replica, that is not the replica's fault.</param>
    internal void AfterFailedStart(Member member, DriverFailure why) => Plan(
        member,
        blame: why is not (DriverFailure.Unavailable or DriverFailure.Deferred),
        why == DriverFailure.Deferred ? DeferredPause : TimeSpan.Zero);

    /// <summary>The pause is over: the replica is started, unless something else has happened to its member meanwhile.</summary>
    internal void OnDue(FleetMessage.RespawnDue due)
    {
        (Member member, Incarnation incarnation, int plan) = due;
        if (plan == member.Plans && roster.Holds(member, incarnation) && incarnation.State == ReplicaState.Gone && !member.Leaving)
        {
            Respawn(member);
        }
    }

    /// <summary>Plans the next start of a member whose replica is gone.</summary>
    /// <param name="member">In the roster.</param>
    /// <param name="blame">Whether this end counts as a failure of the replica.</param>
    /// <param name="atLeast">The shortest wait.</param>
    private void Plan(Member member, bool blame, TimeSpan atLeast)
    {
        Incarnation ended = member.Incarnation;
        if (ended.HealthySince is { } since && time.GetUtcNow() - since >= Backoff.ResetAfter)
        {
            member.Failures = 0;
        }

        member.Failures += blame ? 1 : 0;
        TimeSpan pause = Backoff.Next(Math.Max(1, member.Failures), random);
        pause = pause > atLeast ? pause : atLeast;
        if (member.Failures >= Backoff.CrashLoop)
        {
            log.Error("replica_crash_loop", ("name", member.Name), ("failures", member.Failures), ("again_in_seconds", pause.TotalSeconds), ("why", ended.Why));
        }
        else
        {
            log.Info("replica_respawn", ("name", member.Name), ("failures", member.Failures), ("again_in_seconds", pause.TotalSeconds));
        }

        tasks.PostLater(new FleetMessage.RespawnDue(member, ended, ++member.Plans), pause);
        ended.Why = $"{ended.Why}; it is started again {pause.TotalSeconds:0.0##} s after that";
    }

    private void Respawn(Member member)
    {
        member.Restarts++;
        (member.EarlyDeath, member.EarlyStop) = (null, null);
        member.Incarnation = lifecycle.NewLife($"it is started again: {member.Incarnation.Why}");
        tasks.Start(member, member.Incarnation);
    }
}
