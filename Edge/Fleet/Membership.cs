using Edge.Observability;

namespace Edge.Fleet;

/// <summary>
/// What can happen to members, whoever is the reason: a call, a health check, the driver. Belongs to the fleet manager's
/// actor. Whatever leaves the rotation does so in a published table before its drain or its stop is begun.
/// </summary>
internal sealed class Membership(Roster roster, Rotation rotation, PendingCalls calls, FleetTasks tasks)
{
    /// <summary>Changes of what runs; a list that was asked for before one may not know of it.</summary>
    internal long Changes { get; private set; }

    internal void CountChange() => Changes++;

    /// <summary>Takes a replica that runs under observation.</summary>
    internal void Observe(Member member)
    {
        if (!rotation.TryObserve(member))
        {
            Recycle(member, "every slot is held by replicas that are still drained");
        }
    }

    /// <summary>Removes everything that an addition has started; it is answered when all of it is gone.</summary>
    internal void FailAdd(AddOperation operation, Refusal refusal, Member? alreadyGone)
    {
        operation.Refusal = refusal;
        operation.Waiting.UnionWith(operation.Members);
        Dismiss([.. operation.Members.Where(m => m != alreadyGone)], "the call that added it failed");
        if (alreadyGone is not null)
        {
            alreadyGone.Leaving = true;
            tasks.Forget(alreadyGone);
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
            if (member.Incarnation.State == ReplicaState.Gone)
            {
                idle.Add(member);
            }
            else if (rotation.Move(member, ReplicaEvent.Remove, why))
            {
                moved.Add(member);
            }
        }

        rotation.Publish();
        moved.ForEach(rotation.End);
        idle.ForEach(tasks.Forget);
    }

    /// <summary>Stops a replica that cannot be helped otherwise, to start it again; a new one makes its addition fail.</summary>
    internal void Recycle(Member member, string why)
    {
        if (member.Adding is { } adding)
        {
            FailAdd(adding, new Refusal(RefusalKind.Failed, $"'{member.Name}' did not become healthy: {why}"), alreadyGone: null);
        }
        else if (rotation.Move(member, ReplicaEvent.Remove, why))
        {
            rotation.Publish();
            rotation.End(member);
        }
    }

    /// <summary>A replica ended, and nobody here wanted it to.</summary>
    internal void Die(Member member, string reason)
    {
        if (member.Incarnation.State == ReplicaState.Draining)
        {
            // Its stop is under way and reports back, whether it finds something to stop or not.
            member.Incarnation.DiedInDrain = true;
            return;
        }

        if (!rotation.Move(member, ReplicaEvent.Died, reason))
        {
            return;
        }

        CountChange();
        rotation.Publish();
        rotation.Bury(member, member.Incarnation);
        if (member.Adding is { } adding)
        {
            FailAdd(adding, new Refusal(RefusalKind.Failed, $"'{member.Name}' died before all were healthy: {reason}"), alreadyGone: member);
        }
        else
        {
            rotation.PlanRespawn(member, blame: true);
        }
    }

    /// <summary>
    /// Brings a member into rotation, or takes it out of it, by the three that have a say: the health checks, the driver, and
    /// what its requests have shown. Traffic needs them all.
    /// </summary>
    internal void Judge(Member member, string why)
    {
        Incarnation incarnation = member.Incarnation;
        bool well = incarnation is { ChecksPass: true, Objection: null, Ejection: null };
        if (rotation.Move(member, well ? ReplicaEvent.Passed : ReplicaEvent.Failed, incarnation.Objection ?? incarnation.Ejection ?? why))
        {
            rotation.Publish();
            calls.CountHealth(member, passed: well);
            if (!well)
            {
                rotation.Relieve(incarnation);
            }
        }
        else if (incarnation.State == ReplicaState.Starting)
        {
            incarnation.Why = incarnation.Objection ?? why;
        }
        else
        {
            // What is known of one that is out already decides whether it is asked where none is well.
            rotation.Publish();
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
