namespace Edge.Fleet;

/// <summary>What has to be done so that the fleet and what the driver sees agree.</summary>
internal abstract record FleetAction
{
    /// <summary>Take over what runs.</summary>
    internal sealed record Adopt(ObservedReplica Replica) : FleetAction;

    /// <summary>Take over what runs under the name of a member, in the place of what was known to run there.</summary>
    internal sealed record Replace(ObservedReplica Replica) : FleetAction;

    /// <summary>Treat what ran under this name as dead: it is there, and does not run.</summary>
    internal sealed record Lose(string Name, string Id) : FleetAction;

    /// <summary>Treat what was under this name as removed: it is not there.</summary>
    internal sealed record Vanish(string Name) : FleetAction;

    /// <summary>Give a member the name that it has for the driver now.</summary>
    internal sealed record Rename(string Name, string To) : FleetAction;

    /// <summary>Note what the driver has against it now; null where nothing any more.</summary>
    internal sealed record Object(string Name, string? Objection) : FleetAction;

    /// <summary>Start one more, or one that is the fleet's and has ended.</summary>
    internal sealed record Start(ReplicaSpec Spec, bool IsNameGiven) : FleetAction;

    /// <summary>Take one that was made by someone else and does not run for a member that is stopped.</summary>
    internal sealed record AdoptStopped(ReplicaSpec Spec) : FleetAction;
}
