namespace Edge.Fleet;

/// <summary>What a driver sees of the fleet.</summary>
/// <param name="Running">The replicas that run now.</param>
/// <param name="Ended">Those that are the fleet's and don't run, where the driver remembers such.</param>
internal sealed record ReplicaListing(IReadOnlyList<ObservedReplica> Running, IReadOnlyList<ReplicaSpec> Ended)
{
    /// <summary>What looks like a replica and is not taken for one.</summary>
    internal IReadOnlyList<IgnoredReplica> Ignored { get; init; } = [];

    /// <summary>Whether the driver knows of what to make replicas that no call has asked for.</summary>
    internal bool MayFill { get; init; } = true;
}
