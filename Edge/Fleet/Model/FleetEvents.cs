namespace Edge.Fleet;

/// <summary>Finds the events of the fleet by comparing two snapshots. Pure.</summary>
internal static class FleetEvents
{
    /// <summary>The differences: first the fleet's, then those of the replicas in natural order of their names.</summary>
    internal static List<FleetEvent> Between(FleetSnapshot before, FleetSnapshot now)
    {
        var events = new List<FleetEvent>();
        if (now.Blindness is not null && before.Blindness is null)
        {
            events.Add(new FleetEvent(FleetEventKind.DriverLost, null, null, now.Blindness));
        }
        else if ((now.Blindness is null && before.Blindness is not null) || (now.IsKnown && !before.IsKnown))
        {
            events.Add(new FleetEvent(FleetEventKind.DriverBack, null, null, null));
        }

        if (now.InPanic != before.InPanic)
        {
            events.Add(new FleetEvent(now.InPanic ? FleetEventKind.Panic : FleetEventKind.PanicOver, null, null, null));
        }

        AddScale(events, before.Scale, now.Scale);
        AddSteps(events, before.Deploy, now.Deploy);
        AddReplicas(events, Renamed(events, before.Replicas, now.Replicas), now.Replicas);
        return events;
    }

    // That replicas are being started or ended is told by their own events.
    private static void AddScale(List<FleetEvent> events, ScaleSnapshot before, ScaleSnapshot now)
    {
        bool wasAway = before.State is ScaleState.Asleep or ScaleState.Waking or ScaleState.Broken;
        FleetEventKind? kind = now.State == before.State ? null : now.State switch
        {
            ScaleState.Asleep => FleetEventKind.FleetAsleep,
            ScaleState.Waking => FleetEventKind.FleetWaking,
            ScaleState.Broken => FleetEventKind.FleetBroken,
            _ => wasAway ? FleetEventKind.FleetAwake : null,
        };
        if (kind is { } changed)
        {
            events.Add(new FleetEvent(changed, null, null, now.Why));
        }
        else if (before.IsOn && now.IsOn && now.Target != before.Target && !wasAway)
        {
            events.Add(new FleetEvent(FleetEventKind.FleetTarget, null, null, now.Why));
        }
    }

    private static void AddSteps(List<FleetEvent> events, DeployStatus? before, DeployStatus? now)
    {
        if (now is null)
        {
            return;
        }

        int known = before?.Begun == now.Begun ? before.Steps.Count : 0;
        foreach (DeployStep step in now.Steps.Skip(known))
        {
            events.Add(new FleetEvent(FleetEventKind.Deploy, null, null, $"{now.Image.Name}, {step.Word}: {step.Why}"));
        }
    }

    // A replica with another name is the same one: returns the earlier replicas under their present names.
    private static IReadOnlyList<ReplicaSnapshot> Renamed(List<FleetEvent> events, IReadOnlyList<ReplicaSnapshot> before, IReadOnlyList<ReplicaSnapshot> now)
    {
        Dictionary<string, ReplicaSnapshot> units = now.Where(r => r.UnitId is not null)
            .DistinctBy(r => r.UnitId)
            .ToDictionary(r => r.UnitId!, StringComparer.Ordinal);
        if (!before.Any(IsRenamed))
        {
            return before;
        }

        var renamed = new List<ReplicaSnapshot>();
        foreach (ReplicaSnapshot replica in before)
        {
            bool isRenamed = IsRenamed(replica);
            renamed.Add(isRenamed ? replica with { Name = units[replica.UnitId!].Name } : replica);
            if (isRenamed)
            {
                events.Add(new FleetEvent(FleetEventKind.ReplicaRenamed, units[replica.UnitId!], null, $"it was {replica.Name}"));
            }
        }

        renamed.Sort((a, b) => ReplicaNames.CompareNaturally(a.Name, b.Name));
        return [.. renamed.DistinctBy(r => r.Name)];

        bool IsRenamed(ReplicaSnapshot replica) => replica.UnitId is { } unit && units.TryGetValue(unit, out ReplicaSnapshot? one) && one.Name != replica.Name;
    }

    // Both lists have the same order, so one pass finds the replicas that came and those that left.
    private static void AddReplicas(List<FleetEvent> events, IReadOnlyList<ReplicaSnapshot> before, IReadOnlyList<ReplicaSnapshot> now)
    {
        for (int old = 0, i = 0; old < before.Count || i < now.Count;)
        {
            int order = old == before.Count ? 1 : i == now.Count ? -1 : ReplicaNames.CompareNaturally(before[old].Name, now[i].Name);
            if (order < 0)
            {
                // Its end and its leaving may be one change.
                ReplicaSnapshot gone = before[old++];
                events.Add(new FleetEvent(FleetEventKind.ReplicaRemoved, gone with { State = ReplicaState.Gone }, gone.State, gone.Why));
            }
            else if (order > 0)
            {
                ReplicaSnapshot added = now[i++];
                events.Add(new FleetEvent(FleetEventKind.ReplicaAdded, added, null, added.Why));
            }
            else
            {
                AddChanges(events, before[old++], now[i++]);
            }
        }
    }

    private static void AddChanges(List<FleetEvent> events, ReplicaSnapshot before, ReplicaSnapshot now)
    {
        if (now.State != before.State || now.Since != before.Since || now.Restarts != before.Restarts)
        {
            events.Add(new FleetEvent(FleetEventKind.ReplicaState, now, before.State, now.Why));
        }

        if (now.Weight != before.Weight)
        {
            events.Add(new FleetEvent(FleetEventKind.ReplicaWeight, now, null, null));
        }

        if (now.Ejected && !before.Ejected)
        {
            events.Add(new FleetEvent(FleetEventKind.ReplicaEjected, now, null, now.Why));
        }

        if (now.OnTrial != before.OnTrial)
        {
            events.Add(new FleetEvent(now.OnTrial ? FleetEventKind.ReplicaTrial : FleetEventKind.ReplicaTrialOver, now, null, null));
        }

        if (now.CrashLoop && !before.CrashLoop)
        {
            events.Add(new FleetEvent(FleetEventKind.ReplicaCrashLoop, now, null, now.Why));
        }
    }
}
