using System.Diagnostics;
using Edge.Config;
using Edge.Telemetry;

namespace Edge.Fleet;

/// <summary>
/// Applies each message to the fleet. It never waits: slow work is started, and its result comes back as another message. A replica that leaves the
/// rotation does so in a published table before its drain or its stop begins.
/// </summary>
internal sealed class FleetActor(
    Roster roster,
    TablePublisher publisher,
    ReplicaLifecycle lifecycle,
    Healing healing,
    Membership membership,
    DriverSync sync,
    Ejections ejections,
    PendingCalls calls,
    Deploys deploys,
    FleetSizing sizing,
    IReplicaDriver driver,
    FleetTasks tasks,
    ServiceOptionsCell options,
    FleetCounters counters,
    Random random,
    Log log)
{
    private const int NamesAtMost = 20;

    /// <summary>Whether the fleet is known and every member that should run is in rotation.</summary>
    internal bool IsSteady => sync.IsKnown && roster.Members.All(m => m.Incarnation.State is ReplicaState.Healthy or ReplicaState.Stopped or ReplicaState.Kept);

    internal void Apply(FleetMessage message)
    {
        switch (message)
        {
            case FleetMessage.Add add: OnAdd(add.Operation); break;
            case FleetMessage.AddTimedOut late: OnAddTimedOut(late.Operation); break;
            case FleetMessage.Remove remove: OnRemove(remove.Operation); break;
            case FleetMessage.Weigh weigh: OnWeigh(weigh.Operation); break;
            case FleetMessage.ImageKnown known: OnImageKnown(known.Member, known.Incarnation, known.Image); break;
            case FleetMessage.Started started: OnStarted(started.Member, started.Incarnation, started.Observed); break;
            case FleetMessage.StartFailed failed: OnStartFailed(failed.Member, failed.Incarnation, failed.Error); break;
            case FleetMessage.Checked health: OnChecked(health.Member, health.Incarnation, health.Verdict, health.Why); break;
            case FleetMessage.Released released: lifecycle.Forget(released.Member, released.Incarnation); break;
            case FleetMessage.Stopped stopped: OnStopped(stopped.Member, stopped.Incarnation, stopped.Error, stopped.Receipt); break;
            case FleetMessage.Forgotten forgotten: OnForgotten(forgotten.Member, forgotten.Error); break;
            case FleetMessage.RespawnDue due: healing.OnDue(due); break;
            case FleetMessage.StopAgain again: tasks.Retire(again.Member, again.Incarnation, StopKind.Remove); break;
            case FleetMessage.DriverSaid said: sync.OnSaid(said.Event); break;
            case FleetMessage.DriverLost lost: sync.OnLost(lost.Why); break;
            case FleetMessage.ObjectionOld old: sync.OnObjectionOld(old.Member, old.Incarnation, old.Objection); break;
            case FleetMessage.Listed listed: sync.OnListed(listed.Listing, listed.Changes); break;
            case FleetMessage.EjectionDue eject: ejections.OnEjectionDue(eject.Replica); break;
            case FleetMessage.EjectionOver over: ejections.OnEjectionOver(over.Member, over.Incarnation); break;
            case FleetMessage.TrialOver over: ejections.OnTrialOver(over.Member, over.Incarnation); break;
            case FleetMessage.RampDue: publisher.OnRampDue(); break;
            case FleetMessage.SuccessionOver: break; // Whether requests are to wait is found out after each message.
            case FleetMessage.DeployBegun begun: OnDeployBegun(begun.Operation); break;
            case FleetMessage.DeployAsked asked: deploys.On(asked.Call); break;
            case FleetMessage.DeployImage found: Deploys.OnImage(found.Deploy, found.Image, found.Configured, found.Failure); break;
            case FleetMessage.SmokeOver over: Deploys.OnSmoke(over.Deploy, over.Failure); break;
            case FleetMessage.LinesRead read: Deploys.OnLines(read.Deploy, read.Lines); break;
            case FleetMessage.DeploysHeld held: deploys.Hold(held); break;
            case FleetMessage.DeployDue: deploys.OnDue(); break;
            case FleetMessage.LoadKnown known: sizing.OnLoad(known.Load, known.AvailableMiB); break;
            case FleetMessage.WakeWanted: sizing.OnWakeWanted(); break;
            case FleetMessage.Scale scale: sizing.OnScale(scale.Operation); break;
            case FleetMessage.Sleep sleep: sizing.OnSleep(sleep.Operation); break;
            case FleetMessage.SleepTimedOut late: sizing.OnSleepTimedOut(late.Operation); break;
            case FleetMessage.Reconfigured changed: OnReconfigured(changed.Options); break;
            case FleetMessage.Crashed crashed: throw new InvalidOperationException("Work of the fleet manager failed.", crashed.Error);
            default: throw new UnreachableException();
        }

        deploys.Look();
        sizing.Look();
        publisher.TellWhetherToWait();
    }

    private void OnDeployBegun(DeployOperation operation) =>
        deploys.Begin(operation, AdmissionRules.NotChangeable(driver, sync, "deployed to") ?? sizing.DeployRefusal);

    private void OnReconfigured(ServiceOptions changed)
    {
        ServiceOptions before = options.Current;
        lifecycle.Reconfigure(changed);
        sizing.OnReconfigured(before);
    }

    private void OnAdd(AddOperation operation)
    {
        operation.Refusal = AdmissionRules.Check(operation, sync, roster, driver, options.Current.Fleet) ?? deploys.Refusal;
        if (operation.Refusal is not null)
        {
            calls.Finish(operation);
            return;
        }

        calls.Open(operation);
        sizing.NoteCall(operation.Count);
        foreach (string name in roster.NamesFor(operation))
        {
            var member = new Member(name, operation.Weight, lifecycle.NewLife("it is being added"))
            {
                Adding = operation,
                IsNameGiven = operation.Names.Contains(name),
            };
            roster.Add(member);
            operation.Members.Add(member);
            operation.Waiting.Add(member);
        }

        tasks.PostLater(new FleetMessage.AddTimedOut(operation), options.Current.Timeouts.Start);
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

        // The start period of a replica is known only once it runs.
        TimeSpan more = operation.Waiting.Max(m => m.Incarnation.Observed?.StartPeriod ?? TimeSpan.Zero) - operation.Extension;
        if (more > TimeSpan.Zero)
        {
            operation.Extension += more;
            tasks.PostLater(new FleetMessage.AddTimedOut(operation), more);
            return;
        }

        Member late = operation.Members.First(operation.Waiting.Contains);
        membership.FailAdd(operation, AdmissionRules.Late(late, options.Current.Timeouts.Start + operation.Extension), alreadyGone: null);
    }

    private void OnRemove(RemoveOperation operation)
    {
        operation.Refusal = AdmissionRules.Check(operation, sync, roster, driver, options.Current.Fleet) ?? deploys.Refusal;
        if (operation.Refusal is not null)
        {
            calls.Finish(operation);
            return;
        }

        calls.Open(operation);
        sizing.NoteCall(-operation.Count);
        List<Member> victims = RemovalChoice.Of(operation, roster, random);
        foreach (Member victim in victims)
        {
            victim.Removing = operation;
            operation.Waiting.Add(victim);
        }

        membership.Dismiss(victims, "it is being removed");
    }

    private void OnWeigh(WeighOperation operation)
    {
        operation.Refusal = AdmissionRules.Check(operation, roster);
        if (operation.Refusal is null)
        {
            publisher.Weigh([.. operation.Names.Select(name => roster.Find(name)!)], operation.Weight);
        }

        calls.Finish(operation);
    }

    /// <summary>A new member follows the present target. If its start was cancelled meanwhile, the start itself reports that.</summary>
    private void OnImageKnown(Member member, Incarnation incarnation, ReplicaImage image)
    {
        FleetTarget before = roster.Target;
        roster.Target = before.Towards(image);
        if (roster.Target.Generation != before.Generation)
        {
            log.Info("generation", ("generation", roster.Target.Generation), ("image", image.Name), ("id", image.Id), ("was", before.Image?.Name));
        }

        tasks.StartAs(member, incarnation, member.Spec with { Image = roster.Target.Image, Generation = roster.Target.Generation });
    }

    private void OnStarted(Member member, Incarnation incarnation, ObservedReplica observed)
    {
        membership.CountChange();
        if (!roster.Holds(member, incarnation))
        {
            // It was let go of while it was being started. The next list finds what runs now.
            tasks.List(membership.Changes);
            return;
        }

        incarnation.Observed = observed;
        member.Occupy(observed);
        if (incarnation.State == ReplicaState.Draining)
        {
            tasks.Retire(member, incarnation, StopKind.Remove);
        }
        else if (member.EarlyStop is { } stop)
        {
            membership.StopFromOutside(member, stop);
        }
        else if (member.EarlyDeath is { } death && death.Id == observed.Id)
        {
            membership.Die(member, death.Reason, death.MayBeStopped);
        }
        else
        {
            incarnation.Why = observed.Objection ?? "it runs, and its first health check is awaited";
            incarnation.Objection = observed.Objection;
            membership.Observe(member);
        }
    }

    private void OnStartFailed(Member member, Incarnation incarnation, DriverException error)
    {
        membership.CountChange();
        if (!roster.Holds(member, incarnation))
        {
            return;
        }

        bool calledOff = incarnation.State == ReplicaState.Draining;
        lifecycle.Move(member, ReplicaEvent.Died, error.Message);
        lifecycle.Bury(member, incarnation);
        if (calledOff)
        {
            membership.Leave(member);
            return;
        }

        if (member.EarlyStop is { } stop)
        {
            membership.StopFromOutside(member, stop);
            return;
        }

        if (error.Kind == DriverFailure.Deferred)
        {
            healing.AfterFailedStart(member, error.Kind);
            return;
        }

        log.Warning("replica_start_failed", ("name", member.Name), ("why", error.Message));
        if (error.Kind == DriverFailure.Gone)
        {
            membership.Vanish(member, error.Message);
        }
        else if (member.IsOfNewVersion && (error.Kind != DriverFailure.NameTaken || member.NamesTried >= NamesAtMost))
        {
            (member.Fault, member.LastLines) = (error.Message, error.LastLines);
        }
        else if (error.Kind == DriverFailure.NameTaken && !member.IsNameGiven && member.NamesTried < NamesAtMost)
        {
            StartUnderAnotherName(member);
        }
        else if (member.Adding is { } adding)
        {
            membership.FailAdd(adding, AdmissionRules.Failure($"'{member.Name}' could not be started", error), alreadyGone: member);
        }
        else
        {
            // The next start tries other names again: the last one may stay taken for good.
            member.NamesTried = 0;
            healing.AfterFailedStart(member, error.Kind);
        }
    }

    /// <summary>Something outside the fleet has a name that no call asked for: the next free name is used.</summary>
    private void StartUnderAnotherName(Member taken)
    {
        roster.Remove(taken);
        roster.NoteForeignName(taken.Name);
        string name = roster.FreeNames(1, new HashSet<string>()).Single();
        var member = new Member(name, taken.Weight, lifecycle.NewLife($"it is being started, since {taken.Name} is taken"))
        {
            Adding = taken.Adding,
            NamesTried = taken.NamesTried + 1,
            Role = taken.Role,
            Image = taken.Image,
            Generation = taken.Generation,
            Mark = taken.Mark,
        };
        roster.Add(member);
        deploys.Replace(taken, member);
        if (member.Adding is { } adding)
        {
            adding.Replace(taken, member);
        }

        tasks.Start(member, member.Incarnation);
    }

    private void OnChecked(Member member, Incarnation incarnation, HealthVerdict verdict, string why)
    {
        if (!roster.Holds(member, incarnation) || !incarnation.Runs)
        {
            return;
        }

        counters.CountVerdict((int)verdict);
        incarnation.Replica?.FailsChecks = verdict != HealthVerdict.Passed;
        switch (verdict)
        {
            case HealthVerdict.NotYet:
                incarnation.Why = incarnation.Objection ?? why;
                break;
            case HealthVerdict.NeverWell:
                membership.OnNeverWell(member, why);
                break;
            case HealthVerdict.Wedged:
                membership.GiveUp(member, why);
                break;
            case HealthVerdict.Passed or HealthVerdict.Failed:
                incarnation.ChecksPass = verdict == HealthVerdict.Passed;
                membership.Judge(member, why);
                break;
        }
    }

    private void OnStopped(Member member, Incarnation incarnation, DriverException? error, DrainReceipt receipt)
    {
        membership.CountChange();
        if (error is not null && !incarnation.DiedInDrain)
        {
            log.Error("replica_stop_failed", ("name", member.Name), ("why", error.Message));
            OnStopFailed(member, incarnation, error);
            return;
        }

        member.Removing?.Drained.Add(receipt);
        bool isKept = member is { IsKept: true, Leaving: false };
        lifecycle.Move(member, isKept ? ReplicaEvent.Kept : ReplicaEvent.Stopped, member.Leaving ? "it was drained and stopped" : incarnation.Why);
        if (member.Leaving)
        {
            membership.Leave(member);
        }
        else if (isKept)
        {
            log.Info("replica_kept", ("name", member.Name), ("why", incarnation.Why));
        }
        else
        {
            healing.AfterEnd(member);
        }
    }

    /// <summary>
    /// A replica that a failed addition has left behind is stopped again until it is gone. Any other replica is observed again: it still runs, and
    /// the failed removal has changed nothing.
    /// </summary>
    private void OnStopFailed(Member member, Incarnation incarnation, DriverException error)
    {
        if (member.Adding is { } adding)
        {
            incarnation.Why = error.Message;
            lifecycle.PlanStop(member, incarnation);
            calls.StopWaiting(adding, member);
            return;
        }

        if (member.Removing is { } removing)
        {
            removing.Refusal ??= AdmissionRules.Failure($"'{member.Name}' could not be stopped and stays", error);
            calls.StopWaiting(removing, member);
        }

        member.Removing = null;
        (member.Leaving, member.IsKept) = (false, false);
        member.Incarnation = lifecycle.NewLife($"it could not be stopped: {error.Message}");
        member.Incarnation.Observed = incarnation.Observed;
        membership.Observe(member);
    }

    private void OnForgotten(Member member, DriverException? error)
    {
        if (error is not null)
        {
            log.Error("replica_left_behind", ("name", member.Name), ("why", error.Message));
        }

        membership.Leave(member);
    }
}
