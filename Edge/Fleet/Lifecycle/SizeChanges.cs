namespace Edge.Fleet;

/// <summary>Starts and ends replicas because the load is another one, and counts them for that. Belongs to the fleet manager's actor.</summary>
internal sealed class SizeChanges(Roster roster, ReplicaLifecycle lifecycle, Membership membership, FleetTasks tasks)
{
    /// <summary>Whether a replica will run soon, for the first time or again.</summary>
    internal bool IsOneComing => roster.Members.Any(m => !m.IsKept && TablePublisher.IsComing(m));

    /// <summary>Whether one is being stopped to be kept, and none is kept yet: then that is the one to start.</summary>
    private bool IsOneBeingKept => roster.Members.Any(m => m is { IsKept: true, Incarnation.State: ReplicaState.Draining })
        && Kept().Count == 0;

    /// <summary>Those that sleep, and are started before any new one is made. What is kept for a rollback is not among them.</summary>
    internal List<Member> Kept() => [.. roster.Members.Where(m => m is { Role: MemberRole.Serving, Incarnation.State: ReplicaState.Kept })];

    /// <summary>How many replicas there are now.</summary>
    /// <param name="each">How many requests one of them can work at.</param>
    internal FleetSize Count(int each)
    {
        int ready = 0, starting = 0, unwell = 0, endable = 0;
        double queued = 0;
        foreach (Member member in roster.Members.Where(m => m is { Leaving: false, IsKept: false }))
        {
            switch (member.Incarnation.State)
            {
                case ReplicaState.Healthy:
                    ready++;
                    queued += Math.Max(0, (member.Incarnation.Replica?.Totals().InFlight ?? 0) - each);
                    break;
                case ReplicaState.Unhealthy or ReplicaState.Stopped:
                    unwell++;
                    break;
                case ReplicaState.Starting or ReplicaState.Gone or ReplicaState.Draining:
                    starting++;
                    break;
            }

            endable += MayEnd(member) ? 1 : 0;
        }

        return new FleetSize(ready, starting) { Unwell = unwell, Endable = endable, Queued = queued };
    }

    /// <summary>Starts some: first those that are kept, then new ones.</summary>
    internal void Start(int count, string why)
    {
        foreach (Member kept in Kept().Take(count))
        {
            membership.Wake(kept, why);
            count--;
        }

        foreach (string name in roster.FreeNames(count, new HashSet<string>()))
        {
            var member = new Member(name, weight: 1, lifecycle.NewLife(why));
            roster.Add(member);
            tasks.Start(member, member.Incarnation);
        }
    }

    /// <summary>Starts the first ones of a fleet that wakes, unless some are coming already.</summary>
    internal void StartFirst(int count, string why)
    {
        if (!IsOneComing && !IsOneBeingKept)
        {
            Start(count, why);
        }
    }

    /// <summary>Ends the one that has the least to do; of several, the newest. Only one that the balancer made.</summary>
    internal void EndOne(string why)
    {
        Member? victim = roster.Members.Where(MayEnd)
            .OrderBy(m => m.Incarnation.Replica?.Totals().InFlight ?? 0)
            .ThenByDescending(m => m.Incarnation.HealthySince ?? DateTimeOffset.MaxValue)
            .ThenByDescending(m => m.Name, Comparer<string>.Create(ReplicaNames.CompareNaturally))
            .FirstOrDefault();
        if (victim is not null)
        {
            membership.Dismiss([victim], why);
        }
    }

    /// <summary>Why the fleet cannot sleep now; null if it can.</summary>
    internal string? WhyAwake()
    {
        foreach (Member member in roster.Members.Where(m => m is { IsKept: false, Incarnation.State: not ReplicaState.Stopped }))
        {
            Incarnation life = member.Incarnation;
            if (member.Origin != ReplicaOrigin.Made)
            {
                return $"it does not sleep, because the balancer did not make {member.Name}";
            }

            bool isEnding = member.Leaving || life.State == ReplicaState.Draining;
            if (isEnding || !member.IsSettled || life is { State: ReplicaState.Starting, Observed: null })
            {
                return $"{member.Name} is just being {(isEnding ? "ended" : "started")}";
            }
        }

        return null;
    }

    private static bool MayEnd(Member member) =>
        member is { IsSettled: true, IsKept: false, Origin: ReplicaOrigin.Made, Role: MemberRole.Serving }
        && member.Incarnation.State is ReplicaState.Healthy or ReplicaState.Unhealthy or ReplicaState.Starting or ReplicaState.Gone;
}
