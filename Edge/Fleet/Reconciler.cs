namespace Edge.Fleet;

/// <summary>A member of the fleet, as far as the reconciler looks at it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="RunningId">The driver's id of what runs under the name; null where nothing does.</param>
/// <param name="Busy">Whether it is being started or stopped just now: what a list says about it is about to change.</param>
/// <param name="Objection">What the driver is known to have against it.</param>
internal readonly record struct DesiredReplica(string Name, string? RunningId, bool Busy, string? Objection = null);

/// <summary>What has to be done so that the fleet and what the driver sees agree.</summary>
internal abstract record FleetAction
{
    /// <summary>Take over what runs.</summary>
    internal sealed record Adopt(ObservedReplica Replica) : FleetAction;

    /// <summary>Take over what runs under the name of a member, in the place of what was known to run there.</summary>
    internal sealed record Replace(ObservedReplica Replica) : FleetAction;

    /// <summary>Treat what ran under this name as dead.</summary>
    internal sealed record Lose(string Name, string Id) : FleetAction;

    /// <summary>Note what the driver has against it now; null where nothing any more.</summary>
    internal sealed record Object(string Name, string? Objection) : FleetAction;

    /// <summary>Start one more.</summary>
    internal sealed record Start(string Name, int Weight, bool IsNameGiven) : FleetAction;
}

/// <summary>Compares what should be with what is. Pure: it only says what to do.</summary>
internal static class Reconciler
{
    /// <param name="desired">The members of the fleet.</param>
    /// <param name="observed">What the driver listed; names are unique.</param>
    /// <param name="ended">What is the fleet's and shall run again.</param>
    /// <param name="fillTo">How many members there shall be at least; 0 where it is not for the reconciler to add any.</param>
    internal static List<FleetAction> Plan(
        IReadOnlyCollection<DesiredReplica> desired,
        IReadOnlyCollection<ObservedReplica> observed,
        IReadOnlyCollection<ReplicaSpec> ended,
        int fillTo)
    {
        var actions = new List<FleetAction>();
        Dictionary<string, DesiredReplica> members = desired.ToDictionary(d => d.Name, StringComparer.Ordinal);
        var names = new HashSet<string>(members.Keys, StringComparer.Ordinal);

        foreach (ObservedReplica replica in observed)
        {
            names.Add(replica.Name);
            bool known = members.TryGetValue(replica.Name, out DesiredReplica member);
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

        HashSet<string> running = observed.Select(o => o.Name).ToHashSet(StringComparer.Ordinal);
        foreach (DesiredReplica member in desired)
        {
            if (!member.Busy && member.RunningId is not null && !running.Contains(member.Name))
            {
                actions.Add(new FleetAction.Lose(member.Name, member.RunningId));
            }
        }

        foreach (ReplicaSpec replica in ended)
        {
            if (names.Add(replica.Name))
            {
                actions.Add(new FleetAction.Start(replica.Name, replica.Weight, IsNameGiven: true));
            }
        }

        int missing = Math.Max(0, fillTo - names.Count);
        actions.AddRange(ReplicaNames.LowestFree(missing, names.Contains).Select(name => new FleetAction.Start(name, 1, IsNameGiven: false)));
        return actions;
    }
}
