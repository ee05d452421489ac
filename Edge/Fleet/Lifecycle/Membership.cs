using Edge.Telemetry;

namespace Edge.Fleet;

/// <summary>
/// What can happen to members, whoever is the reason: a call, a health check, the driver. Belongs to the fleet manager's
/// actor. Whatever leaves the rotation does so in a published table before its drain or its stop is begun.
/// </summary>
internal sealed class Membership(Roster roster, TablePublisher publisher, ReplicaLifecycle lifecycle, PendingCalls calls, FleetTasks tasks, ServiceOptionsCell options, Log log)
{
    /// <summary>
    /// How long to wait after the end of a replica that was asked to end, before it is started again. An engine tells that this was a stop
    /// once it has cleaned up behind the container: after 0.3 to 0.6 s on a busy machine, and later on one that is busier.
    /// </summary>
    internal static readonly TimeSpan StopSettling = TimeSpan.FromSeconds(10);

    /// <summary>How long to wait before a replica that was removed from outside is made again: for that removal to be through.</summary>
    internal static readonly TimeSpan RemovalSettling = TimeSpan.FromSeconds(1);

    /// <summary>Changes of what runs; a list that was asked for before one may not know of it.</summary>
    internal long Changes { get; private set; }

    internal void CountChange() => Changes++;

    /// <summary>Takes a replica that runs under observation.</summary>
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
                // The next list has it again.
                LetGo(member, Why);
            }
        }
    }

    /// <summary>Removes everything that an addition has started; it is answered when all of it is gone.</summary>
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

    /// <summary>Takes members out of the fleet: out of rotation now, out of the roster when their replicas are gone.</summary>
    internal void Dismiss(List<Member> members, string why)
    {
        var idle = new List<Member>();
        var moved = new List<Member>();
        foreach (Member member in members)
        {
            member.Leaving = true;
            if (member.Incarnation.State is ReplicaState.Gone or ReplicaState.Stopped)
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
    /// A replica has been ill for too long. One that the balancer made is stopped and made anew; one that was adopted is stopped and started
    /// again where the options say so, and never removed; to any other nothing is done.
    /// </summary>
    internal void GiveUp(Member member, string why)
    {
        if (member.Adding is { } adding)
        {
            FailAdd(adding, new CallRefusal(CallRefusalKind.Failed, $"'{member.Name}' did not become healthy: {why}"), alreadyGone: null);
        }
        else if (member.Origin == ReplicaOrigin.Made || (member.Origin == ReplicaOrigin.Adopted && options.Current.Health.Restart))
        {
            Recycle(member, why);
        }
    }

    /// <summary>A replica has not been well once in the time that a start may take.</summary>
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
                ("check", "the port (label edge.port, Edge:Docker:Port), the path (label edge.health, Edge:Health:Path), the host (label edge.host, Edge:Health:Host), the network (Edge:Docker:Network)"));
        }
    }

    // Drains a replica and stops it, to start it again.
    private void Recycle(Member member, string why)
    {
        if (lifecycle.Move(member, ReplicaEvent.Remove, why))
        {
            publisher.Publish();
            lifecycle.End(member, member.Origin == ReplicaOrigin.Made ? StopKind.Replace : StopKind.Restart);
        }
    }

    /// <summary>A replica ended, and the balancer had not asked it to.</summary>
    /// <param name="member">Whose it was.</param>
    /// <param name="reason">How it ended.</param>
    /// <param name="mayBeStopped">Whether it may turn out that it was stopped on purpose.</param>
    internal void Die(Member member, string reason, bool mayBeStopped = false)
    {
        if (member.Incarnation.State == ReplicaState.Draining)
        {
            // Its stop is under way and reports back, whether it finds something to stop or not.
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
        else if (member.Origin == ReplicaOrigin.Listed)
        {
            LetGo(member, reason);
        }
        else
        {
            lifecycle.PlanRespawn(member, blame: true, mayBeStopped ? StopSettling : TimeSpan.Zero);
        }
    }

    /// <summary>A replica was stopped on purpose, and not by the balancer: it stays so, whoever made it, until it is started the same way.</summary>
    internal void StopFromOutside(Member member, string why)
    {
        Incarnation incarnation = member.Incarnation;
        if (incarnation is { State: ReplicaState.Starting, Observed: null })
        {
            // It is being started, and was begun with before it was known that it was not to be.
            member.EarlyStop = why;
            return;
        }

        TakeAsStopped(member, why);
    }

    /// <summary>As the other, of one that is not being started.</summary>
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
    /// What the balancer has not removed is not there any more. One that it made is made again, unless it was stopped before; any other is no
    /// member from now on: what takes its place is found by its labels.
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

        if (member.Adding is not null || member.Leaving)
        {
            return;
        }

        if (member.Origin != ReplicaOrigin.Made || wasStopped)
        {
            LetGo(member, why);
        }
        else if (member.Incarnation.State == ReplicaState.Gone)
        {
            member.Incarnation.Why = why;
            lifecycle.PlanRespawn(member, blame: false, RemovalSettling);
        }
    }

    // The member leaves, and nothing is done to what it was.
    private void LetGo(Member member, string why)
    {
        log.Info("replica_let_go", ("name", member.Name), ("why", why));
        member.Incarnation.Why = why;
        publisher.ExpectSuccessor();
        Leave(member);
    }

    /// <summary>
    /// Brings a member into rotation, or takes it out of it, by the three that have a say: the health checks, the driver, and
    /// what its requests have shown. Traffic needs them all.
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
            // What is known of one that is out already decides whether it is asked where none is well.
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
