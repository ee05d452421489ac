using Edge.Config;

namespace Edge.Fleet;

/// <summary>Decides whether a call that changes the fleet may begin. The first reason against it counts.</summary>
internal static class AdmissionRules
{
    /// <summary>Null if the addition may begin.</summary>
    internal static CallRefusal? Check(AddOperation operation, DriverSync sync, Roster roster, IReplicaDriver driver, FleetOptions fleet)
    {
        if (operation.Count > fleet.Maximum)
        {
            return new CallRefusal(CallRefusalKind.Invalid, $"n is {operation.Count}, and the fleet may have at most {fleet.Maximum} replicas");
        }

        if (NotChangeable(driver, sync) is { } refusal)
        {
            return refusal;
        }

        string? taken = operation.Names.FirstOrDefault(name => roster.Find(name) is not null);
        if (taken is not null)
        {
            return new CallRefusal(CallRefusalKind.Conflict, $"hostname '{taken}' is taken by another replica");
        }

        return operation.Count > fleet.Maximum - roster.ServingCount
            ? new CallRefusal(
                CallRefusalKind.Invalid, $"n is {operation.Count}, but the fleet has {roster.ServingCount} replicas and may have at most {fleet.Maximum}")
            : null;
    }

    /// <summary>Null if the removal may begin.</summary>
    internal static CallRefusal? Check(RemoveOperation operation, DriverSync sync, Roster roster, IReplicaDriver driver, FleetOptions fleet)
    {
        if (NotChangeable(driver, sync) is { } refusal)
        {
            return refusal;
        }

        foreach (string name in operation.Names)
        {
            Member? member = roster.Find(name);
            if (member is null || !member.IsSettled)
            {
                string why = member is null ? "is no replica" : member.Leaving ? "is being removed already" : "is still being added";
                return new CallRefusal(CallRefusalKind.Unknown, $"hostname '{name}' {why}");
            }

            if (member.Origin == ReplicaOrigin.Listed)
            {
                return new CallRefusal(
                    CallRefusalKind.Conflict,
                    $"hostname '{name}' is a replica by its name alone: it is not labelled as the fleet's, "
                    + "so the balancer routes to it and does nothing else");
            }
        }

        int there = roster.Members.Count(m => RemovalChoice.MayTake(m) || operation.Names.Contains(m.Name));
        if (operation.Count > there)
        {
            return new CallRefusal(CallRefusalKind.Invalid, $"n is {operation.Count}, but there are only {there} replicas to remove");
        }

        return there - operation.Count < fleet.Minimum
            ? new CallRefusal(
                CallRefusalKind.Invalid,
                $"n is {operation.Count}, which would leave {there - operation.Count} replicas, below the minimum of {fleet.Minimum}")
            : null;
    }

    /// <summary>Null if the weights may change. This holds for every replica, no matter who owns it and whether the driver is in sync.</summary>
    internal static CallRefusal? Check(WeighOperation operation, Roster roster)
    {
        string? unknown = operation.Names.FirstOrDefault(name => roster.Find(name) is null);
        return unknown is null ? null : new CallRefusal(CallRefusalKind.Unknown, $"hostname '{unknown}' is no replica");
    }

    internal static CallRefusal Late(Member member, TimeSpan allowed) =>
        new(CallRefusalKind.Failed, $"'{member.Name}' was not healthy within {allowed.TotalSeconds:0.###} s: {member.Incarnation.Why}");

    internal static CallRefusal Failure(string what, DriverException error)
    {
        CallRefusalKind kind = error.Kind switch
        {
            DriverFailure.Unavailable => CallRefusalKind.Unavailable,
            DriverFailure.NameTaken => CallRefusalKind.Conflict,
            _ => CallRefusalKind.Failed,
        };
        return new CallRefusal(kind, $"{what}: {error.Message}");
    }

    /// <summary>Why nothing can be changed now, whatever it is; null if it can.</summary>
    internal static CallRefusal? NotChangeable(IReplicaDriver driver, DriverSync sync, string how = "added or removed")
    {
        if (!driver.Capabilities.StartsReplicas)
        {
            return new CallRefusal(
                CallRefusalKind.Conflict,
                $"the fleet is {driver.Name}: its replicas come from the options (Edge:Fleet:Addresses) and cannot be {how}");
        }

        if (sync.Blindness is { } blindness)
        {
            return new CallRefusal(CallRefusalKind.Unavailable, $"the driver ({driver.Name}) cannot do anything now: {blindness}");
        }

        return sync.IsKnown ? null : new CallRefusal(CallRefusalKind.Unavailable, $"the driver ({driver.Name}) has not said yet which replicas run");
    }
}
