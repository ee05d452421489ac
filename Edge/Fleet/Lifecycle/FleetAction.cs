namespace Edge.Fleet;

/// <summary>An action that makes the fleet agree with what the driver sees.</summary>
internal abstract record FleetAction
{
    /// <summary>Adopt a running replica.</summary>
    internal sealed record Adopt(ObservedReplica Replica) : FleetAction;

    /// <summary>Adopt what runs under the name of a member, instead of the replica that was known there.</summary>
    internal sealed record Replace(ObservedReplica Replica) : FleetAction;

    /// <summary>Treat the replica with this name as dead: it exists, and does not run.</summary>
    internal sealed record Lose(string Name, string Id) : FleetAction;

    /// <summary>Treat the replica with this name as removed: it does not exist.</summary>
    internal sealed record Vanish(string Name) : FleetAction;

    /// <summary>Give a member the name that the driver has for it now.</summary>
    internal sealed record Rename(string Name, string To) : FleetAction;

    /// <summary>Record the driver's objection; null if there is none any more.</summary>
    internal sealed record Object(string Name, string? Objection) : FleetAction;

    /// <summary>Start one more replica, or one of the fleet that has ended.</summary>
    internal sealed record Start(ReplicaSpec Spec, bool IsNameGiven) : FleetAction;

    /// <summary>Adopt a replica of the balancer that does not run, as a kept member.</summary>
    internal sealed record AdoptKept(ReplicaSpec Spec) : FleetAction;

    /// <summary>Adopt a replica that someone else made and that does not run, as a stopped member.</summary>
    internal sealed record AdoptStopped(ReplicaSpec Spec) : FleetAction;
}
