namespace Edge.Fleet;

/// <summary>The fleet at one instant, for readers on any thread.</summary>
/// <param name="Running">The names of the replicas that run, in natural order.</param>
/// <param name="Replicas">Every member, in natural order.</param>
/// <param name="Blindness">Why the driver sees nothing just now, so that all this is what was known before; null where it does.</param>
internal sealed record FleetSnapshot(
    IReadOnlyList<string> Running,
    IReadOnlyList<ReplicaSnapshot> Replicas,
    string? Blindness)
{
    internal static readonly FleetSnapshot Empty = new([], [], null);

    /// <summary>Whether the driver has said once what runs.</summary>
    internal bool IsKnown { get; init; }

    /// <summary>Whether replicas that are ejected or fail their health checks take requests, since there are no others.</summary>
    internal bool InPanic { get; init; }

    /// <summary>What looks like a replica and is not taken for one.</summary>
    internal IReadOnlyList<IgnoredReplica> Ignored { get; init; } = [];
}
