using Edge.Telemetry;

namespace Edge.Fleet;

/// <summary>
/// The changes of members, no matter whether a call, a health check or the driver causes them. Belongs to the fleet manager's actor. A replica that
/// leaves the rotation does so in a published table before its drain or its stop begins.
/// </summary>
internal sealed class Membership(
    Roster roster,
    TablePublisher publisher,
    ReplicaLifecycle lifecycle,
    Healing healing,
    PendingCalls calls,
    FleetTasks tasks,
    ServiceOptionsCell options,
    Log log)
{
    /// <summary>Counts the changes of what runs. A list that was asked for before a change may not contain it.</summary>
    internal long Changes { get; private set; }

    internal void CountChange() => Changes++;

    /// <summary>Begins to observe a running replica.</summary>
    internal void Observe(Member member)
    {
        if (!lifecycle.TryObserve(member))
        {
            const string Why = "every slot is held by replicas that are still drained";
            if (member.Origin == ReplicaOrigin.Made)
            {
                GiveUp(member, Why);
            }
            else
            {
                // The next list contains it again.
                LetGo(member, Why);
            }
        }
    }

    /// <summary>Removes everything that an addition has started. The call is answered when all of it is gone.</summary>
    internal void FailAdd(AddOperation operation, CallRefusal refusal, Member? alreadyGone)
    {
        operation.Refusal = refusal;
        operation.Waiting.UnionWith(operation.Members);
        Dismiss([.. operation.Members.Where(m => m != alreadyGone)], "the call that added it failed");
        if (alreadyGone is not null)
        {
            alreadyGone.Leaving = true;
            tasks.Forget(alreadyGone, refusal.Message);
        }
    }

    /// <summary>Removes members from the fleet: from the rotation now, from the roster when their replicas are gone.</summary>
    internal void Dismiss(List<Member> members, string why)
    {
        var idle = new List<Member>();
        var moved = new List<Member>();
        foreach (Member member in members)
        {
            member.Leaving = true;
            member.IsKept = false;
            if (member.Incarnation.State is ReplicaState.Gone or ReplicaState.Stopped or ReplicaState.Kept)
            {
                idle.Add(member);
            }
            else if (lifecycle.Move(member, ReplicaEvent.Remove, why))
            {
                moved.Add(member);
            }
        }

        publisher.Publish();
        moved.ForEach(m => lifecycle.End(m, StopKind.Remove));
        idle.ForEach(m => tasks.Forget(m, why));
    }

    /// <summary>
    /// Stops replicas that the balancer made, and keeps them: out of the rotation now, drained, then stopped. Nothing starts them again but <see cref="Wake"/>.
    /// A replica that is still being started, or was stopped from outside, is left as it is.
    /// </summary>
    /// <param name="members">Some of the fleet.</param>
    /// <param name="why">The reason.</param>
    /// <param name="kind">How they stop.</param>
    internal void Keep(IEnumerable<Member> members, string why, StopKind kind = StopKind.Keep)
    {
        var moved = new List<Member>();
        foreach (Member member in members.Where(m => m is { IsSettled: true, IsKept: false, Origin: ReplicaOrigin.Made }))
        {
            bool isIdle = member.Incarnation.State == ReplicaState.Gone;
            if ((isIdle || member.Incarnation.Observed is not null) && lifecycle.Move(member, isIdle ? ReplicaEvent.Kept : ReplicaEvent.Remove, why))
            {
                member.IsKept = true;
                moved.AddRange(isIdle ? [] : [member]);
            }
        }

        publisher.Publish();
        moved.ForEach(m => lifecycle.End(m, kind));
    }

    /// <summary>Starts a replica that is kept; false if there is none. What was removed meanwhile is made again.</summary>
    internal bool Wake(Member member, string why)
    {
        if (member.Incarnation.State != ReplicaState.Kept)
        {
            return false;
        }

        member.IsKept = false;
        (member.EarlyDeath, member.EarlyStop) = (null, null);
        member.Incarnation = lifecycle.NewLife(why);
        tasks.Start(member, member.Incarnation);
        return true;
    }

    /// <summary>
    /// A replica has been ill for too long. If the balancer made it, it is stopped and made anew. If it was adopted, it is stopped and started again
    /// if the options say so, and never removed. Nothing is done to any other replica.
    /// </summary>
    internal void GiveUp(Member member, string why)
    {
        if (member.Adding is { } adding)
        {
            FailAdd(adding, new CallRefusal(CallRefusalKind.Failed, $"'{member.Name}' did not become healthy: {why}"), alreadyGone: null);
        }
        else if (member.IsOfNewVersion)
        {
            member.Fault ??= why;
        }
        else if (member.Origin == ReplicaOrigin.Made || (member.Origin == ReplicaOrigin.Adopted && options.Current.Health.Restart))
        {
            Recycle(member, why);
        }
    }

    /// <summary>A replica was not well at any time within the time for a start.</summary>
    internal void OnNeverWell(Member member, string why)
    {
        if (member.Origin == ReplicaOrigin.Made)
        {
            GiveUp(member, why);
        }
        else if (!member.Incarnation.IsKnownNeverWell)
        {
            member.Incarnation.IsKnownNeverWell = true;
            log.Warning(
                "replica_never_well",
                ("name", member.Name),
                ("why", why),
                ("check",
                    "the port (label edge.port, Edge:Docker:Port), the path (label edge.health, Edge:Health:Path), "
                    + "the host (label edge.host, Edge:Health:Host), the network (Edge:Docker:Network)"));
        }
    }

    // Drains and stops a replica, to start it again.
    private void Recycle(Member member, string why)
    {
        if (lifecycle.Move(member, ReplicaEvent.Remove, why))
        {
            publisher.Publish();
            lifecycle.End(member, member.Origin == ReplicaOrigin.Made ? StopKind.Replace : StopKind.Restart);
        }
    }

    /// <summary>A replica ended, and the balancer had not asked it to.</summary>
    /// <param name="member">Its member.</param>
    /// <param name="reason">How it ended.</param>
    /// <param name="mayBeStopped">Whether it may turn out that it was stopped on purpose.</param>
    internal void Die(Member member, string reason, bool mayBeStopped = false)
    {
        if (member.Incarnation.State == ReplicaState.Draining)
        {
            // Its stop is under way and reports its result, even if there is nothing left to stop.
            member.Incarnation.DiedInDrain = true;
            return;
        }

        if (!lifecycle.Move(member, ReplicaEvent.Died, reason))
        {
            return;
        }

        CountChange();
        publisher.Publish();
        lifecycle.Bury(member, member.Incarnation);
        if (member.Adding is { } adding)
        {
            FailAdd(adding, new CallRefusal(CallRefusalKind.Failed, $"'{member.Name}' died before all were healthy: {reason}"), alreadyGone: member);
        }
        else if (member.IsOfNewVersion)
        {
            member.Fault ??= reason;
        }
        else if (member.Origin == ReplicaOrigin.Listed)
        {
            LetGo(member, reason);
        }
        else
        {
            healing.AfterEnd(member, mayBeStopped);
        }
    }

    /// <summary>
    /// A replica was stopped on purpose, and not by the balancer. It stays stopped, no matter who made it, until it is started from outside.
    /// </summary>
    internal void StopFromOutside(Member member, string why)
    {
        Incarnation incarnation = member.Incarnation;
        if (incarnation is { State: ReplicaState.Starting, Observed: null })
        {
            // It is being started, and the start began before the stop was known.
            member.EarlyStop = why;
            return;
        }

        TakeAsStopped(member, why);
    }

    /// <summary>A replica that is not being started was stopped on purpose, and not by the balancer.</summary>
    internal void TakeAsStopped(Member member, string why)
    {
        Incarnation incarnation = member.Incarnation;
        bool isBuried = incarnation.State == ReplicaState.Gone;
        if (member.Leaving || !lifecycle.Move(member, ReplicaEvent.StoppedFromOutside, why))
        {
            return;
        }

        CountChange();
        publisher.ExpectSuccessor();
        publisher.Publish();
        if (!isBuried)
        {
            lifecycle.Bury(member, incarnation);
        }

        if (member.Adding is { } adding)
        {
            FailAdd(adding, new CallRefusal(CallRefusalKind.Failed, $"'{member.Name}' was stopped before all were healthy: {why}"), alreadyGone: member);
        }
    }

    /// <summary>
    /// A replica does not exist any more, and the balancer did not remove it. If the balancer made it, it is made again, unless it was stopped
    /// before. Any other is let go of; a replica that takes its place is found by its labels.
    /// </summary>
    internal void Vanish(Member member, string why)
    {
        if (member.Leaving || member.Incarnation.State == ReplicaState.Draining)
        {
            return;
        }

        bool wasStopped = member.Incarnation.State == ReplicaState.Stopped;
        if (member.Incarnation.Runs)
        {
            Die(member, why);
        }

        if (member.Adding is not null || member.Leaving || member.IsOfNewVersion)
        {
            return;
        }

        if (member.Origin != ReplicaOrigin.Made || wasStopped || member is { Role: MemberRole.Retired, IsKept: true })
        {
            LetGo(member, why);
        }
        else if (member.Incarnation.State == ReplicaState.Kept)
        {
            member.Incarnation.Why = $"{why}; it is made again when it is needed";
        }
        else if (member.Incarnation.State == ReplicaState.Gone)
        {
            member.Incarnation.Why = why;
            healing.AfterRemoval(member);
        }
    }

    // The member leaves the fleet, and nothing is done to its container.
    private void LetGo(Member member, string why)
    {
        log.Info("replica_let_go", ("name", member.Name), ("why", why));
        member.Incarnation.Why = why;
        publisher.ExpectSuccessor();
        Leave(member);
    }

    /// <summary>
    /// Puts a member into rotation or takes it out. Three sources decide: the health checks, the driver, and the requests of the loops. A replica
    /// gets requests only if none of them is against it.
    /// </summary>
    internal void Judge(Member member, string why)
    {
        Incarnation incarnation = member.Incarnation;
        bool well = incarnation is { ChecksPass: true, Objection: null, Ejection: null };
        if (lifecycle.Move(member, well ? ReplicaEvent.Passed : ReplicaEvent.Failed, incarnation.Objection ?? incarnation.Ejection ?? why))
        {
            publisher.Publish();
            calls.CountHealth(member, passed: well);
            if (!well)
            {
                publisher.Relieve(incarnation);
            }
        }
        else if (incarnation.State == ReplicaState.Starting)
        {
            incarnation.Why = incarnation.Objection ?? why;
        }
        else
        {
            // Also for a replica that is out already: it decides which replicas get requests if none is well.
            publisher.Publish();
        }
    }

    /// <summary>The end of a member: its name is free again.</summary>
    internal void Leave(Member member)
    {
        CountChange();
        roster.Remove(member);
        calls.StopWaiting(member.Adding, member);
        calls.StopWaiting(member.Removing, member);
    }
}
