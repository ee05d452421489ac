using System.Diagnostics;
using Edge.Telemetry;

namespace Edge.Fleet;

/// <summary>Takes in what the driver reports: lists, events, and that it has lost sync. Belongs to the fleet manager's actor.</summary>
internal sealed class DriverSync(
    Roster roster,
    TablePublisher publisher,
    ReplicaLifecycle lifecycle,
    Membership membership,
    Deploys deploys,
    IReplicaDriver driver,
    FleetTasks tasks,
    Log log)
{
    /// <summary>How long a driver may object to a replica until only a new start may help.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    // The reasons why it is out of sync, since it was last in sync.
    private readonly HashSet<string> _told = new(StringComparer.Ordinal);

    /// <summary>Whether the driver has listed the replicas once. Until then, calls that change the fleet are refused.</summary>
    internal bool IsKnown { get; private set; }

    /// <summary>Why the driver is out of sync now; null if it is in sync.</summary>
    internal string? Blindness { get; private set; }

    /// <summary>Things that look like replicas and are ignored, by the last list.</summary>
    internal IReadOnlyList<IgnoredReplica> Ignored { get; private set; } = [];

    internal void OnSaid(DriverEvent happened)
    {
        switch (happened)
        {
            case DriverEvent.Watching:
                tasks.List(membership.Changes);
                break;
            case DriverEvent.Started started:
                Adopt(started.Replica);
                break;
            case DriverEvent.Objected objected when roster.Find(objected.Name) is { } member && member.Incarnation.Observed?.Id == objected.Id:
                Object(member, objected.Objection, objected.IsEnding);
                break;
            case DriverEvent.Died died when roster.Find(died.Name) is { } member:
                OnDied(member, died);
                break;
            case DriverEvent.StoppedFromOutside stopped when roster.FindUnit(stopped.UnitId) is { } member:
                membership.StopFromOutside(member, stopped.Why);
                break;
            case DriverEvent.Removed removed when roster.FindUnit(removed.UnitId) is { } member:
                membership.Vanish(member, removed.Why);
                break;
            case DriverEvent.Renamed renamed when roster.FindUnit(renamed.UnitId) is { } member:
                Rename(member, renamed.Name);
                break;
            case DriverEvent.Objected or DriverEvent.Died or DriverEvent.StoppedFromOutside or DriverEvent.Removed or DriverEvent.Renamed:
                // An event of a replica that does not belong to the fleet any more.
                break;
            default:
                throw new UnreachableException();
        }
    }

    private void OnDied(Member member, DriverEvent.Died died)
    {
        if (member.Incarnation.Observed is null)
        {
            member.EarlyDeath = died;
        }
        else if (member.Incarnation.Observed.Id == died.Id)
        {
            membership.Die(member, died.Reason, died.MayBeStopped);
        }
    }

    /// <summary>The driver cannot list the replicas. It is asked again, with back-off; each reason is logged once, until it can.</summary>
    internal void OnLost(string why)
    {
        if (_told.Add(why))
        {
            log.Warning("driver_lost", ("driver", driver.Name), ("why", why));
        }

        Blindness = why;
        publisher.IsListAwaited = false;
    }

    /// <summary>The driver objected some time ago, and has not taken it back.</summary>
    internal void OnObjectionOld(Member member, Incarnation incarnation, string objection)
    {
        if (roster.Holds(member, incarnation) && incarnation.Runs && incarnation.Objection == objection)
        {
            membership.GiveUp(member, $"{objection}, for {Patience.TotalSeconds:0} s");
        }
    }

    internal void OnListed(ReplicaListing listing, long changes)
    {
        // The list may have been made before a change and arrive after it: then a new replica would seem to be missing.
        if (changes != membership.Changes)
        {
            tasks.List(membership.Changes);
            return;
        }

        if (Blindness is not null)
        {
            log.Info("driver_back", ("driver", driver.Name));
        }

        Blindness = null;
        _told.Clear();
        bool isFirst = !IsKnown && driver.Capabilities.StartsReplicas;
        IsKnown = true;
        publisher.IsListAwaited = false;
        roster.ForgetForeignNames();
        NoteIgnored(listing.Ignored);
        DeployRemains? remains = isFirst ? DeployRemains.Of(listing) : null;
        if (remains is null)
        {
            NoteGenerations(listing);
            Carry(Reconciler.Plan(roster.ForReconciler(), listing, isFirst, roster.Target));
            return;
        }

        // What is kept for a rollback is a member that does not run.
        deploys.Recover(remains);
        ReplicaSpec[] kept = [.. listing.Ended.Where(remains.Keeps)];
        Carry(Reconciler.Plan(roster.ForReconciler(), listing with { Ended = [.. listing.Ended.Except(kept)] }, isFirst, roster.Target));
        Array.ForEach(kept, spec => AdoptKept(spec, "it is of the version before, and kept for a rollback"));
        deploys.Reassign();
    }

    private void Carry(List<FleetAction> actions)
    {
        foreach (FleetAction action in actions)
        {
            Do(action);
        }
    }

    private void Do(FleetAction action)
    {
        switch (action)
        {
            case FleetAction.Rename rename:
                Has(rename.Name, member => Rename(member, rename.To));
                break;
            case FleetAction.Adopt adopt:
                Adopt(adopt.Replica);
                break;
            case FleetAction.Replace replace when !driver.Capabilities.SeesEnds:
                Has(replace.Replica.Name, member => Relocate(member, replace.Replica));
                break;
            case FleetAction.Replace replace:
                Has(replace.Replica.Name, member => membership.Die(member, $"{driver.Name} lists another one of its name"));
                Adopt(replace.Replica);
                break;
            case FleetAction.Lose lose:
                Has(lose.Name, member => membership.Die(member, $"it had ended when {driver.Name} was asked again"));
                break;
            case FleetAction.Vanish vanish:
                Has(vanish.Name, member => membership.Vanish(member, $"{driver.Name} does not list it any more"));
                break;
            case FleetAction.Object objection:
                Has(objection.Name, member => Object(member, objection.Objection));
                break;
            case FleetAction.Start start:
                Start(start.Spec, start.IsNameGiven);
                break;
            case FleetAction.AdoptKept kept:
                AdoptKept(kept.Spec, "it did not run when the balancer started, and is not needed yet");
                break;
            case FleetAction.AdoptStopped stopped:
                AdoptStopped(stopped.Spec);
                break;
            default:
                throw new UnreachableException();
        }
    }

    // An earlier action of the same list may have given the name to another member, or removed it.
    private void Has(string name, Action<Member> then)
    {
        if (roster.Find(name) is { } member)
        {
            then(member);
        }
    }

    // This process, or an earlier one, has made it: the newest one shows what was wanted last.
    private void NoteGenerations(ReplicaListing listing)
    {
        var made = listing.Running.Select(r => (r.Generation, r.Image, r.Mark)).Concat(listing.Ended.Select(r => (r.Generation, r.Image, r.Mark)));
        foreach ((int? generation, ReplicaImage? image, DeployMark? mark) in made.Where(m => m.Generation != roster.Unfinished))
        {
            roster.Target = roster.Target.Past(generation, image, mark);
        }
    }

    /// <summary>Warns once about each ignored thing, and again if the reason changes.</summary>
    private void NoteIgnored(IReadOnlyList<IgnoredReplica> ignored)
    {
        foreach (IgnoredReplica one in ignored.Except(Ignored))
        {
            log.Warning("replica_ignored", ("name", one.Name), ("why", one.Why));
        }

        Ignored = ignored;
    }

    /// <summary>Gives a member the name that the driver has for it now.</summary>
    private void Rename(Member member, string name)
    {
        if (member.Name == name)
        {
            return;
        }

        MakeWay(name);
        log.Info("replica_renamed", ("name", name), ("was", member.Name));
        roster.Rename(member, name);
        membership.CountChange();
    }

    /// <summary>Gives a member another name, because the driver knows another replica by its name. The list that follows says the right name.</summary>
    private void MakeWay(string name)
    {
        if (roster.Find(name) is { } other)
        {
            string meanwhile = roster.FreeNames(1, new HashSet<string> { name }).Single();
            log.Info("replica_renamed", ("name", meanwhile), ("was", name));
            roster.Rename(other, meanwhile);
            tasks.List(membership.Changes + 1);
        }
    }

    private void AdoptStopped(ReplicaSpec spec)
    {
        Member member = MemberOf(spec, isNameGiven: true, "it is there");
        MakeWay(spec.Name);
        roster.Add(member);
        membership.TakeAsStopped(member, "it did not run when the balancer started");
    }

    private void AdoptKept(ReplicaSpec spec, string why)
    {
        Member member = MemberOf(spec, isNameGiven: true, "it is there");
        MakeWay(spec.Name);
        roster.Add(member);
        member.IsKept = lifecycle.Move(member, ReplicaEvent.Kept, why);
    }

    private Member MemberOf(ReplicaSpec spec, bool isNameGiven, string why) => new(spec.Name, spec.Weight, lifecycle.NewLife(why))
    {
        IsNameGiven = isNameGiven,
        Origin = spec.Origin,
        UnitId = spec.UnitId,
        Image = spec.Image,
        Generation = spec.Generation,
        Mark = spec.Mark,
    };

    /// <summary>Starts a member that no call asked for.</summary>
    private void Start(ReplicaSpec spec, bool isNameGiven)
    {
        Member member = MemberOf(spec, isNameGiven, "it is being started");
        MakeWay(spec.Name);
        roster.Add(member);
        tasks.Start(member, member.Incarnation);
    }

    private void Object(Member member, string? objection, bool isEnding = false)
    {
        Incarnation incarnation = member.Incarnation;
        if (!incarnation.Runs || incarnation.Objection == objection)
        {
            return;
        }

        incarnation.Objection = objection;
        incarnation.IsEnding = isEnding;
        incarnation.ServesToItsEnd = isEnding && (incarnation.State == ReplicaState.Healthy || incarnation.ServesToItsEnd);
        membership.Judge(member, $"{driver.Name} has nothing against it any more, and it passes its health checks");
        if (objection is not null)
        {
            tasks.PostLater(new FleetMessage.ObjectionOld(member, incarnation, objection), Patience);
        }
    }

    /// <summary>
    /// A server of a static fleet has another address. One new table replaces the old replica by the new one; the old one may be well, and may finish
    /// its requests.
    /// </summary>
    private void Relocate(Member member, ObservedReplica observed)
    {
        Incarnation before = member.Incarnation;
        log.Info("replica_moved", ("name", member.Name), ("from", before.Observed?.ShownAddress), ("to", observed.ShownAddress));
        TakeOver(member, observed, "its name has another address now");
        lifecycle.Bury(member, before);
    }

    /// <summary>Adopts a running replica that this process has not started, or not just now.</summary>
    private void Adopt(ObservedReplica observed)
    {
        Member? member = roster.FindUnit(observed.UnitId);
        if (member is not null)
        {
            Rename(member, observed.Name);
        }

        member ??= roster.Find(observed.Name);
        if (member is { Incarnation.State: not (ReplicaState.Gone or ReplicaState.Stopped or ReplicaState.Kept) } or { Leaving: true })
        {
            return;
        }

        log.Info("replica_found", ("name", observed.Name), ("address", observed.ShownAddress), ("origin", observed.Origin.ToString().ToLowerInvariant()));
        TakeOver(member, observed, "it was found running, and its first health check is awaited");
    }

    private void TakeOver(Member? member, ObservedReplica observed, string why)
    {
        membership.CountChange();
        Incarnation incarnation = lifecycle.NewLife(why);
        incarnation.Observed = observed;
        if (member is null)
        {
            member = new Member(observed.Name, observed.Weight, incarnation) { IsNameGiven = true };
            roster.Add(member);
        }

        member.IsKept = false;
        member.Incarnation = incarnation;
        member.Weight = observed.Weight;
        member.Occupy(observed);
        membership.Observe(member);
        Object(member, observed.Objection);
    }
}
