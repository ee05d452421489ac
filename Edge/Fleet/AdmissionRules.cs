namespace Edge.Fleet;

/// <summary>What a call that changes the fleet is refused for, in the order in which it is looked for.</summary>
internal static class AdmissionRules
{
    /// <summary>Null where the addition may begin.</summary>
    internal static Refusal? Check(AddOperation operation, DriverSight sight, Roster roster, IReplicaDriver driver, FleetSettings settings)
    {
        if (operation.Count > settings.Maximum)
        {
            return new Refusal(RefusalKind.Invalid, $"n is {operation.Count}, and the fleet may have at most {settings.Maximum} replicas");
        }

        if (NotChangeable(driver, sight) is { } refusal)
        {
            return refusal;
        }

        string? taken = operation.Names.FirstOrDefault(name => roster.Find(name) is not null);
        if (taken is not null)
        {
            return new Refusal(RefusalKind.Conflict, $"hostname '{taken}' is taken by another replica");
        }

        return operation.Count > settings.Maximum - roster.Count
            ? new Refusal(RefusalKind.Invalid, $"n is {operation.Count}, but the fleet has {roster.Count} replicas and may have at most {settings.Maximum}")
            : null;
    }

    /// <summary>Null where the removal may begin.</summary>
    internal static Refusal? Check(RemoveOperation operation, DriverSight sight, Roster roster, IReplicaDriver driver, FleetSettings settings)
    {
        if (NotChangeable(driver, sight) is { } refusal)
        {
            return refusal;
        }

        foreach (string name in operation.Names)
        {
            Member? member = roster.Find(name);
            if (member is null || !member.IsSettled)
            {
                string why = member is null ? "is no replica" : member.Leaving ? "is being removed already" : "is still being added";
                return new Refusal(RefusalKind.Unknown, $"hostname '{name}' {why}");
            }

            if (member.Origin == ReplicaOrigin.Listed)
            {
                return new Refusal(RefusalKind.Conflict, $"hostname '{name}' is a replica by its name alone: it is not labelled as the fleet's, so the balancer routes to it and does nothing else");
            }
        }

        int there = roster.Members.Count(m => m.IsRemovable || operation.Names.Contains(m.Name));
        if (operation.Count > there)
        {
            return new Refusal(RefusalKind.Invalid, $"n is {operation.Count}, but there are only {there} replicas to remove");
        }

        return there - operation.Count < settings.Minimum
            ? new Refusal(RefusalKind.Invalid, $"n is {operation.Count}, which would leave {there - operation.Count} replicas, below the minimum of {settings.Minimum}")
            : null;
    }

    /// <summary>Null where the weights may change: of whatever is a replica, whoever owns it and whether the driver sees it or not.</summary>
    internal static Refusal? Check(WeighOperation operation, Roster roster)
    {
        string? unknown = operation.Names.FirstOrDefault(name => roster.Find(name) is null);
        return unknown is null ? null : new Refusal(RefusalKind.Unknown, $"hostname '{unknown}' is no replica");
    }

    internal static Refusal Late(Member member, TimeSpan allowed) =>
        new(RefusalKind.Failed, $"'{member.Name}' was not healthy within {allowed.TotalSeconds:0.###} s: {member.Incarnation.Why}");

    internal static Refusal Failure(string what, DriverException error)
    {
        RefusalKind kind = error.Kind switch
        {
            DriverFailure.Unavailable => RefusalKind.Unavailable,
            DriverFailure.NameTaken => RefusalKind.Conflict,
            _ => RefusalKind.Failed,
        };
        return new Refusal(kind, $"{what}: {error.Message}");
    }

    private static Refusal? NotChangeable(IReplicaDriver driver, DriverSight sight)
    {
        if (!driver.Owned)
        {
            return new Refusal(RefusalKind.Conflict, $"the fleet is {driver.Name}: its replicas come from the options (Edge:Fleet:Addresses) and cannot be added or removed");
        }

        if (sight.Blindness is { } blindness)
        {
            return new Refusal(RefusalKind.Unavailable, $"the driver ({driver.Name}) cannot do anything now: {blindness}");
        }

        return sight.IsKnown ? null : new Refusal(RefusalKind.Unavailable, $"the driver ({driver.Name}) has not said yet which replicas run");
    }
}
