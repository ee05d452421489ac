using Edge.Routing;

namespace Edge.Fleet;

/// <summary>The members of the fleet and the slots that they hold. Belongs to the fleet manager's actor.</summary>
internal sealed class Roster(SlotAllocator slots)
{
    private readonly Dictionary<string, Member> _members = new(StringComparer.Ordinal);
    private readonly HashSet<int> _held = [];
    private readonly HashSet<string> _foreignNames = new(StringComparer.Ordinal);

    /// <summary>What the fleet should be.</summary>
    internal FleetTarget Target { get; set; } = new(Size: 0);

    /// <summary>The generation of a deploy that is not decided yet: what is found of it says nothing about what is wanted. Null if there is none.</summary>
    internal int? Unfinished { get; set; }

    internal int Count => _members.Count;

    /// <summary>The members that serve, or will when they are well.</summary>
    internal int ServingCount => _members.Values.Count(m => m.Role == MemberRole.Serving);

    internal IEnumerable<Member> Members => _members.Values;

    internal Member? Find(string name) => _members.GetValueOrDefault(name);

    /// <summary>Whether the member is still in the fleet, and this is the replica that runs under its name.</summary>
    internal bool Holds(Member member, Incarnation incarnation) =>
        Find(member.Name) == member && member.Incarnation == incarnation;

    internal void Add(Member member) => _members.Add(member.Name, member);

    /// <summary>Removes a member, if it is there; not another member that has its name now.</summary>
    internal void Remove(Member member)
    {
        if (Find(member.Name) == member)
        {
            _members.Remove(member.Name);
        }
    }

    /// <summary>The member whose replica has, or had last, this id of the driver; null if there is none.</summary>
    internal Member? FindUnit(string unitId) => _members.Values.FirstOrDefault(m => m.UnitId == unitId);

    /// <summary>Gives a member another name, which must be free.</summary>
    internal void Rename(Member member, string name)
    {
        _members.Remove(member.Name);
        member.Name = name;
        _members.Add(name, member);
        member.Incarnation.Replica?.Rename(name);
        if (member.Incarnation.Observed is { } observed)
        {
            member.Incarnation.Observed = observed with { Name = name };
        }
    }

    /// <summary>The names for an addition: the given ones, and the lowest free ones.</summary>
    internal List<string> NamesFor(AddOperation operation)
    {
        var asked = new HashSet<string>(operation.Names, StringComparer.Ordinal);
        return [.. operation.Names, .. FreeNames(operation.Count - asked.Count, asked)];
    }

    /// <summary>The lowest names that are free as far as is known, and not among <paramref name="others"/>.</summary>
    internal List<string> FreeNames(int count, IReadOnlySet<string> others) =>
        ReplicaNames.LowestFree(count, name => _members.ContainsKey(name) || _foreignNames.Contains(name) || others.Contains(name), Target.Prefix);

    /// <summary>Something outside the fleet has this name.</summary>
    internal void NoteForeignName(string name) => _foreignNames.Add(name);

    internal void ForgetForeignNames() => _foreignNames.Clear();

    /// <summary>The lowest free slot; null if all are in use.</summary>
    internal int? TakeSlot()
    {
        int? slot = slots.Take();
        if (slot is { } taken)
        {
            _held.Add(taken);
        }

        return slot;
    }

    internal void FreeSlot(int slot)
    {
        _held.Remove(slot);
        slots.Free(slot);
    }

    /// <summary>No loop refers to any replica of the fleet any more.</summary>
    internal void FreeAllSlots() => _held.ToList().ForEach(FreeSlot);

    /// <summary>The replicas that may get requests now, in natural order of their names.</summary>
    internal List<Incarnation> InRotation() =>
        [.. Serving().Where(i => i.State == ReplicaState.Healthy)];

    /// <summary>The replicas of a new version that get a share of the requests, if they are well.</summary>
    internal List<Incarnation> Canaries() =>
        [.. InOrder().Where(m => m.Role == MemberRole.Canary).Select(m => m.Incarnation).Where(i => i.State == ReplicaState.Healthy)];

    /// <summary>The replicas that get no requests only because they are ejected.</summary>
    internal List<Incarnation> Ejected() =>
        [.. Serving()
            .Where(i => i is { State: ReplicaState.Unhealthy, Ejection: not null, Objection: null, ChecksPass: true, Replica: not null })];

    /// <summary>The replicas that were told to end, and were in rotation then.</summary>
    internal List<Incarnation> Ending() =>
        [.. Serving()
            .Where(i => i is { State: ReplicaState.Unhealthy, ServesToItsEnd: true, Ejection: null, ChecksPass: true, Replica: not null })];

    /// <summary>The replicas that run and fail their health checks.</summary>
    internal List<Incarnation> Unhealthy() =>
        [.. Serving().Where(i => i is { State: ReplicaState.Unhealthy, Objection: null, Replica: not null })];

    internal List<DesiredReplica> ForReconciler() => [.. _members.Values.Select(Describe)];

    /// <summary>The names of the replicas that run, in natural order.</summary>
    internal List<string> Running() => [.. InOrder().Where(m => m.Incarnation.Runs).Select(m => m.Name)];

    /// <param name="blindness">Why the driver is out of sync now; null if it is in sync.</param>
    internal FleetSnapshot Snapshot(string? blindness) => new(Running(), [.. InOrder().Select(Picture)], blindness);

    private IEnumerable<Incarnation> Serving() => InOrder().Where(m => m.Role == MemberRole.Serving).Select(m => m.Incarnation);

    private List<Member> InOrder()
    {
        List<Member> ordered = [.. _members.Values];
        ordered.Sort((a, b) => ReplicaNames.CompareNaturally(a.Name, b.Name));
        return ordered;
    }

    private static DesiredReplica Describe(Member member)
    {
        Incarnation incarnation = member.Incarnation;
        bool starting = incarnation.State == ReplicaState.Starting && incarnation.Observed is null;
        bool busy = starting || member.Leaving || incarnation.State == ReplicaState.Draining;
        return new DesiredReplica(member.Name, incarnation.Runs ? incarnation.Observed!.Id : null, busy, incarnation.Objection)
        {
            UnitId = member.UnitId,
            IsStopped = incarnation.State == ReplicaState.Stopped,
        };
    }

    private static ReplicaSnapshot Picture(Member member)
    {
        Incarnation incarnation = member.Incarnation;
        return new ReplicaSnapshot(
            member.Name,
            incarnation.State is ReplicaState.Gone or ReplicaState.Stopped ? null : incarnation.Observed,
            incarnation.State,
            incarnation.Why,
            incarnation.Since,
            member.Weight,
            member.Restarts,
            member.Failures >= Backoff.CrashLoop,
            incarnation.Replica,
            member.Past)
        {
            EffectiveWeight = incarnation.EffectiveWeight,
            Ejected = incarnation.Ejection is not null,
            OnTrial = incarnation.OnTrial,
            Leaving = member.Leaving,
            Origin = member.Origin,
            UnitId = member.UnitId,
            Image = member.Image,
            Generation = member.Generation,
            Role = member.Role,
        };
    }
}
