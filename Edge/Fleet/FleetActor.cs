using System.Diagnostics;
using Edge.Observability;

namespace Edge.Fleet;

/// <summary>
/// What each message does to the fleet. Never waits: what takes time is begun, and comes back as another message.
/// Whatever leaves the rotation does so in a published table before its drain or its stop is begun.
/// </summary>
internal sealed class FleetActor(
    Roster roster,
    Rotation rotation,
    PendingCalls calls,
    IReplicaDriver driver,
    FleetTasks tasks,
    FleetSettings settings,
    Random random,
    Log log)
{
    private long _changes;

    /// <summary>Whether the driver has said once what runs; until then, calls that change the fleet are refused.</summary>
    internal bool IsKnown { get; private set; }

    /// <summary>Whether the fleet is known and every member of it is in rotation.</summary>
    internal bool IsSteady => IsKnown && roster.Members.All(m => m.Incarnation.State == ReplicaState.Healthy);

    internal void Apply(FleetMessage message)
    {
        switch (message)
        {
            case FleetMessage.Add add: OnAdd(add.Operation); break;
            case FleetMessage.AddTimedOut late: OnAddTimedOut(late.Operation); break;
            case FleetMessage.Remove remove: OnRemove(remove.Operation); break;
            case FleetMessage.Started started: OnStarted(started.Member, started.Incarnation, started.Observed); break;
            case FleetMessage.StartFailed failed: OnStartFailed(failed.Member, failed.Incarnation, failed.Error); break;
            case FleetMessage.Checked health: OnChecked(health.Member, health.Incarnation, health.Verdict, health.Why); break;
            case FleetMessage.Released released: rotation.Forget(released.Member, released.Incarnation); break;
            case FleetMessage.Stopped stopped: OnStopped(stopped.Member, stopped.Incarnation, stopped.Error); break;
            case FleetMessage.RespawnDue due: OnRespawnDue(due.Member, due.Incarnation); break;
            case FleetMessage.StopAgain again: tasks.Retire(again.Member, again.Incarnation); break;
            case FleetMessage.DriverSaid said: OnDriverSaid(said.Event); break;
            case FleetMessage.Listed listed: OnListed(listed.Observed, listed.Changes); break;
            case FleetMessage.Crashed crashed: throw new InvalidOperationException("Work of the fleet manager failed.", crashed.Error);
            default: throw new UnreachableException();
        }
    }

    private void OnAdd(AddOperation operation)
    {
        operation.Refusal = AdmissionRules.Check(operation, IsKnown, roster, driver, settings);
        if (operation.Refusal is not null)
        {
            calls.Finish(operation);
            return;
        }

        calls.Open(operation);
        foreach (string name in roster.NamesFor(operation))
        {
            var member = new Member(name, operation.Weight, rotation.NewLife("it is being added")) { Adding = operation };
            roster.Add(member);
            operation.Members.Add(member);
            operation.Waiting.Add(member);
        }

        tasks.PostLater(new FleetMessage.AddTimedOut(operation), settings.Start);
        foreach (Member member in operation.Members)
        {
            tasks.Start(member, member.Incarnation);
        }
    }

    private void OnAddTimedOut(AddOperation operation)
    {
        if (!calls.IsOpen(operation) || operation.Refusal is not null)
        {
            return;
        }

        Member late = operation.Members.First(operation.Waiting.Contains);
        FailAdd(operation, AdmissionRules.Late(late, settings.Start), alreadyGone: null);
    }

    private void OnRemove(RemoveOperation operation)
    {
        operation.Refusal = AdmissionRules.Check(operation, IsKnown, roster, driver, settings);
        if (operation.Refusal is not null)
        {
            calls.Finish(operation);
            return;
        }

        calls.Open(operation);
        List<Member> victims = roster.VictimsFor(operation, random);
        foreach (Member victim in victims)
        {
            victim.Removing = operation;
            operation.Waiting.Add(victim);
        }

        Dismiss(victims, "it is being removed");
    }

    private void OnStarted(Member member, Incarnation incarnation, ObservedReplica observed)
    {
        _changes++;
        incarnation.Observed = observed;
        if (incarnation.State == ReplicaState.Draining)
        {
            tasks.Retire(member, incarnation);
        }
        else if (member.EarlyDeath is { } death && death.Id == observed.Id)
        {
            OnDied(member, death.Reason);
        }
        else
        {
            incarnation.Why = "it runs, and its first health check is awaited";
            Observe(member);
        }
    }

    private void Observe(Member member)
    {
        if (!rotation.TryObserve(member))
        {
            Recycle(member, "every slot is held by replicas that are still drained");
        }
    }

    private void OnStartFailed(Member member, Incarnation incarnation, DriverException error)
    {
        _changes++;
        bool calledOff = incarnation.State == ReplicaState.Draining;
        rotation.Move(member, ReplicaEvent.Died, error.Message);
        rotation.Bury(member);
        if (calledOff)
        {
            Leave(member);
            return;
        }

        log.Warning("replica_start_failed", ("name", member.Name), ("why", error.Message));
        if (member.Adding is { } adding)
        {
            FailAdd(adding, AdmissionRules.Failure($"'{member.Name}' could not be started", error), alreadyGone: member);
        }
        else
        {
            rotation.PlanRespawn(member);
        }
    }

    private void OnChecked(Member member, Incarnation incarnation, HealthVerdict verdict, string why)
    {
        if (!roster.Holds(member, incarnation) || !incarnation.Runs)
        {
            return;
        }

        switch (verdict)
        {
            case HealthVerdict.NotYet:
                incarnation.Why = why;
                break;
            case HealthVerdict.Wedged when driver.Owned:
                Recycle(member, why);
                break;
            case HealthVerdict.Passed when rotation.Move(member, ReplicaEvent.Passed, why):
                rotation.Publish();
                calls.CountHealth(member, passed: true);
                break;
            case HealthVerdict.Failed when rotation.Move(member, ReplicaEvent.Failed, why):
                rotation.Publish();
                calls.CountHealth(member, passed: false);
                break;
        }
    }

    /// <summary>Removes everything that an addition has started; it is answered when all of it is gone.</summary>
    private void FailAdd(AddOperation operation, Refusal refusal, Member? alreadyGone)
    {
        operation.Refusal = refusal;
        operation.Waiting.UnionWith(operation.Members);
        Dismiss([.. operation.Members.Where(m => m != alreadyGone)], "the call that added it failed");
        if (alreadyGone is not null)
        {
            Leave(alreadyGone);
        }
    }

    /// <summary>Takes members out of the fleet: out of rotation now, out of the roster when their replicas are gone.</summary>
    private void Dismiss(List<Member> members, string why)
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
        idle.ForEach(Leave);
    }

    /// <summary>Stops a replica that cannot be helped otherwise, to start it again; a new one makes its addition fail.</summary>
    private void Recycle(Member member, string why)
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

    private void OnStopped(Member member, Incarnation incarnation, DriverException? error)
    {
        _changes++;
        if (error is not null && !incarnation.DiedInDrain)
        {
            log.Error("replica_stop_failed", ("name", member.Name), ("why", error.Message));
            OnStopFailed(member, incarnation, error);
            return;
        }

        rotation.Move(member, ReplicaEvent.Stopped, member.Leaving ? "it was drained and stopped" : incarnation.Why);
        if (member.Leaving)
        {
            Leave(member);
        }
        else
        {
            rotation.PlanRespawn(member);
        }
    }

    /// <summary>
    /// What an addition has left behind is tried again until it is gone. Any other replica comes back under
    /// observation: it runs, and a removal that failed has changed nothing.
    /// </summary>
    private void OnStopFailed(Member member, Incarnation incarnation, DriverException error)
    {
        if (member.Adding is { } adding)
        {
            incarnation.Why = error.Message;
            rotation.PlanStop(member, incarnation);
            calls.StopWaiting(adding, member);
            return;
        }

        if (member.Removing is { } removing)
        {
            removing.Refusal ??= AdmissionRules.Failure($"'{member.Name}' could not be stopped and stays", error);
            calls.StopWaiting(removing, member);
        }

        member.Removing = null;
        member.Leaving = false;
        member.Incarnation = rotation.NewLife($"it could not be stopped: {error.Message}");
        member.Incarnation.Observed = incarnation.Observed;
        Observe(member);
    }

    private void OnRespawnDue(Member member, Incarnation incarnation)
    {
        if (roster.Holds(member, incarnation) && incarnation.State == ReplicaState.Gone)
        {
            rotation.Respawn(member);
        }
    }

    private void OnDriverSaid(DriverEvent happened)
    {
        switch (happened)
        {
            case DriverEvent.Watching:
                tasks.List(_changes);
                break;
            case DriverEvent.Started started:
                Adopt(started.Replica);
                break;
            case DriverEvent.Died died when roster.Find(died.Name) is { } member:
                if (member.Incarnation.Observed is null)
                {
                    member.EarlyDeath = died;
                }
                else if (member.Incarnation.Observed.Id == died.Id)
                {
                    OnDied(member, died.Reason);
                }

                break;
        }
    }

    private void OnDied(Member member, string reason)
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

        _changes++;
        rotation.Publish();
        rotation.Bury(member);
        if (member.Adding is { } adding)
        {
            FailAdd(adding, new Refusal(RefusalKind.Failed, $"'{member.Name}' died before all were healthy: {reason}"), alreadyGone: member);
        }
        else
        {
            rotation.PlanRespawn(member);
        }
    }

    /// <summary>Takes over a replica that runs and that this process has not started, or not just now.</summary>
    private void Adopt(ObservedReplica observed)
    {
        Member? member = roster.Find(observed.Name);
        if (member is { Incarnation.State: not ReplicaState.Gone })
        {
            return;
        }

        _changes++;
        Incarnation incarnation = rotation.NewLife("it was found running, and its first health check is awaited");
        incarnation.Observed = observed;
        if (member is null)
        {
            member = new Member(observed.Name, observed.Weight, incarnation);
            roster.Add(member);
        }

        member.Incarnation = incarnation;
        member.Weight = observed.Weight;
        log.Info("replica_found", ("name", observed.Name), ("address", observed.Address));
        Observe(member);
    }

    private void OnListed(IReadOnlyList<ObservedReplica> observed, long changes)
    {
        // The list may have been taken before a change and arrive after it: a new replica would seem to be missing.
        if (changes != _changes)
        {
            tasks.List(_changes);
            return;
        }

        int fillTo = IsKnown || !driver.Owned ? 0 : settings.Replicas;
        IsKnown = true;
        foreach (FleetAction action in Reconciler.Plan(roster.ForReconciler(), observed, fillTo))
        {
            switch (action)
            {
                case FleetAction.Adopt adopt:
                    Adopt(adopt.Replica);
                    break;
                case FleetAction.Lose lose:
                    OnDied(roster.Find(lose.Name)!, $"{driver.Name} does not list it any more");
                    break;
                case FleetAction.Start start:
                    var member = new Member(start.Name, 1, rotation.NewLife("it is being started"));
                    roster.Add(member);
                    tasks.Start(member, member.Incarnation);
                    break;
            }
        }
    }

    /// <summary>The end of a member: its name is free again.</summary>
    private void Leave(Member member)
    {
        _changes++;
        roster.Remove(member);
        calls.StopWaiting(member.Adding, member);
        calls.StopWaiting(member.Removing, member);
    }
}
