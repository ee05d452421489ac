using Edge.Fleet;

namespace Edge.Drivers;

/// <summary>What a container is for the fleet.</summary>
internal abstract record ContainerRole
{
    /// <summary>It does not belong to the fleet.</summary>
    internal sealed record Foreign : ContainerRole;

    /// <summary>It looks like a replica, and is ignored.</summary>
    /// <param name="Why">The reason, and what to change.</param>
    internal sealed record Ignored(string Why) : ContainerRole;

    /// <summary>It belongs to the fleet, and takes no requests now.</summary>
    internal sealed record Ended(ReplicaOrigin Origin) : ContainerRole;

    /// <summary>It belongs to the fleet, and takes requests.</summary>
    internal sealed record Running(ObservedReplica Replica) : ContainerRole;
}
