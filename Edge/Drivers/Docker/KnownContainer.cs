using Edge.Fleet;

namespace Edge.Drivers;

/// <summary>A container of the fleet, as far as the driver has to remember it.</summary>
/// <param name="Name">As it was seen last.</param>
/// <param name="Origin">Who made it.</param>
/// <param name="Traits">What of it never changes.</param>
/// <param name="Blueprint">How one like it is made.</param>
internal sealed record KnownContainer(string Name, ReplicaOrigin Origin, ContainerTraits Traits, ContainerBlueprint Blueprint)
{
    /// <summary>What the fleet has been told of it; null while it takes no requests.</summary>
    internal ObservedReplica? Told { get; init; }

    /// <summary>Whether it was sent a signal that ends it, since it was started.</summary>
    internal bool IsSignalled { get; init; }

    /// <summary>Whether it was stopped from outside, since it was started.</summary>
    internal bool IsStopped { get; init; }

    /// <summary>Whether the kernel has killed one of its processes for memory, since it was started.</summary>
    internal bool IsOutOfMemory { get; init; }

    /// <summary>Whether the balancer itself has paused it.</summary>
    internal bool IsFrozen { get; init; }
}
