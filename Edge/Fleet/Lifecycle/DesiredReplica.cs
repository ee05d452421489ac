namespace Edge.Fleet;

/// <summary>A member of the fleet, as far as the reconciler looks at it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="RunningId">The driver's id of what runs under the name; null where nothing does.</param>
/// <param name="Busy">Whether it is being started or stopped just now: what a list says about it is about to change.</param>
/// <param name="Objection">What the driver is known to have against it.</param>
internal readonly record struct DesiredReplica(string Name, string? RunningId, bool Busy, string? Objection = null)
{
    /// <summary>The driver's id of what runs there, or did last; null where nothing has yet.</summary>
    internal string? UnitId { get; init; }

    /// <summary>Whether it was stopped from outside.</summary>
    internal bool IsStopped { get; init; }
}
