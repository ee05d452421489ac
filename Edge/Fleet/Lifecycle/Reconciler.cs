namespace Edge.Fleet;

/// <summary>Compares what should be with what is, and returns the actions. Pure.</summary>
internal static class Reconciler
{
    /// <param name="desired">The members of the fleet.</param>
    /// <param name="listing">What the driver listed; names are unique.</param>
    /// <param name="isFirst">Whether this is the first list: then replicas that have ended are started, or shown as stopped.</param>
    /// <param name="target">What the fleet should be. After the first list it is filled up to the target's size, if the driver can make replicas.</param>
    internal static List<FleetAction> Plan(IReadOnlyCollection<DesiredReplica> desired, ReplicaListing listing, bool isFirst, FleetTarget target)
    {
        var actions = new List<FleetAction>();
        List<DesiredReplica> members = Renamed(desired, listing, actions);
        Dictionary<string, DesiredReplica> byName = members.ToDictionary(d => d.Name, StringComparer.Ordinal);
        var names = new HashSet<string>(byName.Keys, StringComparer.Ordinal);
        foreach (ObservedReplica replica in listing.Running)
        {
            names.Add(replica.Name);
            bool known = byName.TryGetValue(replica.Name, out DesiredReplica member);
            if (known && (member.Busy || member.RunningId == replica.Id))
            {
                if (!member.Busy && member.Objection != replica.Objection)
                {
                    actions.Add(new FleetAction.Object(member.Name, replica.Objection));
                }

                continue;
            }

            actions.Add(known && member.RunningId is not null ? new FleetAction.Replace(replica) : new FleetAction.Adopt(replica));
        }

        AddLost(members, listing, actions);
        if (isFirst)
        {
            AddFirst(listing, target, names, actions);
        }

        return actions;
    }

    /// <summary>The members under the names that the driver has for them now.</summary>
    private static List<DesiredReplica> Renamed(IReadOnlyCollection<DesiredReplica> desired, ReplicaListing listing, List<FleetAction> actions)
    {
        var nameOf = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach ((string unit, string name) in listing.Running.Select(r => (r.UnitId, r.Name))
            .Concat(listing.Ended.Where(e => e.UnitId is not null).Select(e => (e.UnitId!, e.Name))))
        {
            nameOf[unit] = name;
        }

        var members = new Dictionary<string, DesiredReplica>(StringComparer.Ordinal);
        foreach (DesiredReplica member in desired)
        {
            bool isRenamed = member.UnitId is { } unit && nameOf.TryGetValue(unit, out string? name) && name != member.Name;
            if (isRenamed)
            {
                actions.Add(new FleetAction.Rename(member.Name, nameOf[member.UnitId!]));
            }

            // If two members now have one name, the one that the driver sees under it keeps it.
            string now = isRenamed ? nameOf[member.UnitId!] : member.Name;
            if (isRenamed || !members.ContainsKey(now))
            {
                members[now] = member with { Name = now };
            }
        }

        return [.. members.Values];
    }

    private static void AddLost(List<DesiredReplica> members, ReplicaListing listing, List<FleetAction> actions)
    {
        HashSet<string> running = listing.Running.Select(o => o.Name).ToHashSet(StringComparer.Ordinal);
        HashSet<string> there = listing.Ended.Select(e => e.UnitId).OfType<string>().ToHashSet(StringComparer.Ordinal);
        foreach (DesiredReplica member in members)
        {
            if (member.Busy || running.Contains(member.Name))
            {
                continue;
            }

            bool isThere = member.UnitId is { } unit && there.Contains(unit);
            if (member.RunningId is not null)
            {
                actions.Add(isThere ? new FleetAction.Lose(member.Name, member.RunningId) : new FleetAction.Vanish(member.Name));
            }
            else if (member.IsStopped && !isThere)
            {
                actions.Add(new FleetAction.Vanish(member.Name));
            }
        }
    }

    private static void AddFirst(ReplicaListing listing, FleetTarget target, HashSet<string> names, List<FleetAction> actions)
    {
        foreach (ReplicaSpec replica in listing.Ended)
        {
            if (names.Add(replica.Name))
            {
                actions.Add(replica.Origin != ReplicaOrigin.Made ? new FleetAction.AdoptStopped(replica)
                    : target.KeepsEnded ? new FleetAction.AdoptKept(replica)
                    : new FleetAction.Start(replica, IsNameGiven: true));
            }
        }

        // A fleet that may sleep is filled only where there was none before.
        bool mayFill = listing.MayFill && !(target.KeepsEnded && names.Count > 0);
        int missing = mayFill ? Math.Max(0, target.Size - names.Count) : 0;
        actions.AddRange(ReplicaNames.LowestFree(missing, names.Contains, target.Prefix)
            .Select(name => new FleetAction.Start(new ReplicaSpec(name, 1), IsNameGiven: false)));
    }
}
