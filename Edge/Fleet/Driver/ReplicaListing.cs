namespace Edge.Fleet;

/// <summary>A driver's list of the fleet.</summary>
/// <param name="Running">The replicas that run now.</param>
/// <param name="Ended">Replicas of the fleet that do not run, if the driver remembers them.</param>
internal sealed record ReplicaListing(IReadOnlyList<ObservedReplica> Running, IReadOnlyList<ReplicaSpec> Ended)
{
    /// <summary>Things that look like replicas and are ignored.</summary>
    internal IReadOnlyList<IgnoredReplica> Ignored { get; init; } = [];

    /// <summary>Whether the driver can make replicas that no call asked for.</summary>
    internal bool MayFill { get; init; } = true;
}
