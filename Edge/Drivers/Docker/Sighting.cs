using Edge.Fleet;

namespace Edge.Drivers;

/// <summary>What a container is to the fleet.</summary>
internal abstract record Sighting
{
    /// <summary>Nothing.</summary>
    internal sealed record Foreign : Sighting;

    /// <summary>It looks like a replica, and is not taken for one.</summary>
    /// <param name="Why">The reason, and what to change.</param>
    internal sealed record Ignored(string Why) : Sighting;

    /// <summary>It is the fleet's, and takes no requests now.</summary>
    internal sealed record Ended(ReplicaOrigin Origin) : Sighting;

    /// <summary>It takes requests.</summary>
    internal sealed record Running(ObservedReplica Replica) : Sighting;
}
