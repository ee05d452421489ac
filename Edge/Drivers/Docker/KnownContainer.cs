using Edge.Fleet;

namespace Edge.Drivers;

/// <summary>What the driver remembers of a container of the fleet.</summary>
/// <param name="Name">Its last known name.</param>
/// <param name="Origin">Who made it.</param>
/// <param name="Traits">Its properties that never change.</param>
/// <param name="Blueprint">How to make one like it.</param>
internal sealed record KnownContainer(string Name, ReplicaOrigin Origin, ContainerTraits Traits, ContainerBlueprint Blueprint)
{
    /// <summary>What the fleet was told of it; null while it takes no requests.</summary>
    internal ObservedReplica? Told { get; init; }

    /// <summary>Whether it was sent a signal that ends it, since its start.</summary>
    internal bool IsSignalled { get; init; }

    /// <summary>Whether it was stopped from outside, since its start.</summary>
    internal bool IsStopped { get; init; }

    /// <summary>Whether the kernel has killed one of its processes for lack of memory, since its start.</summary>
    internal bool IsOutOfMemory { get; init; }

    /// <summary>Whether the balancer itself has paused it.</summary>
    internal bool IsFrozen { get; init; }
}
