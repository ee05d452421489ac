namespace Edge.Fleet;

/// <summary>What the reconciler has to know of a member.</summary>
/// <param name="Name">Its name.</param>
/// <param name="RunningId">The driver's id of what runs under the name; null if nothing does.</param>
/// <param name="Busy">Whether it is being started or stopped now, so that a list may be out of date.</param>
/// <param name="Objection">The driver's known objection.</param>
internal readonly record struct DesiredReplica(string Name, string? RunningId, bool Busy, string? Objection = null)
{
    /// <summary>The driver's id of what runs there, or ran last; null if nothing has run yet.</summary>
    internal string? UnitId { get; init; }

    /// <summary>Whether it was stopped from outside.</summary>
    internal bool IsStopped { get; init; }
}
