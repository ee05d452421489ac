namespace Edge.Fleet;

/// <summary>The fleet at one instant, for readers on any thread.</summary>
/// <param name="Running">The names of the replicas that run, in natural order.</param>
/// <param name="Replicas">Every member, in natural order.</param>
/// <param name="Blindness">Why the driver is out of sync now, so that the snapshot is what was known before; null if it is in sync.</param>
internal sealed record FleetSnapshot(
    IReadOnlyList<string> Running,
    IReadOnlyList<ReplicaSnapshot> Replicas,
    string? Blindness)
{
    internal static readonly FleetSnapshot Empty = new([], [], null);

    /// <summary>Whether the driver has listed the replicas once.</summary>
    internal bool IsKnown { get; init; }

    /// <summary>Whether replicas that are ejected or fail their health checks get requests, because there are no others.</summary>
    internal bool InPanic { get; init; }

    /// <summary>How its size follows the load.</summary>
    internal ScaleSnapshot Scale { get; init; } = ScaleSnapshot.Fixed;

    /// <summary>The present deploy, or the receipt of the last one; null if there was none.</summary>
    internal DeployStatus? Deploy { get; init; }

    /// <summary>Things that look like replicas and are ignored.</summary>
    internal IReadOnlyList<IgnoredReplica> Ignored { get; init; } = [];
}
