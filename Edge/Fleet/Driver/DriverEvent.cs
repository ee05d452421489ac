namespace Edge.Fleet;

/// <summary>Something that a driver reports without being asked.</summary>
internal abstract record DriverEvent
{
    /// <summary>From here on no event is missed; earlier events show in a list.</summary>
    internal sealed record Watching : DriverEvent;

    /// <summary>A replica runs, no matter who started it.</summary>
    internal sealed record Started(ObservedReplica Replica) : DriverEvent;

    /// <summary>The driver objects to requests on a running replica, or takes the objection back (null).</summary>
    /// <param name="Id">Of the replica.</param>
    /// <param name="Name">Of the replica.</param>
    /// <param name="Objection">The objection.</param>
    /// <param name="IsEnding">Whether the replica will soon stop running.</param>
    internal sealed record Objected(string Id, string Name, string? Objection, bool IsEnding = false) : DriverEvent;

    /// <summary>A replica does not run any more, no matter who ended it.</summary>
    /// <param name="Id">Of the replica.</param>
    /// <param name="Name">Of the replica.</param>
    /// <param name="Reason">How it ended.</param>
    /// <param name="MayBeStopped">
    /// Whether a <see cref="StoppedFromOutside"/> may follow at once, because the replica was asked to end before it ended.
    /// </param>
    internal sealed record Died(string Id, string Name, string Reason, bool MayBeStopped = false) : DriverEvent;

    /// <summary>A replica was stopped on purpose, and not by the balancer. It stays stopped until it is started from outside.</summary>
    internal sealed record StoppedFromOutside(string UnitId, string Why) : DriverEvent;

    /// <summary>A replica does not exist any more, and the balancer did not remove it.</summary>
    internal sealed record Removed(string UnitId, string Why) : DriverEvent;

    /// <summary>The same replica has another name.</summary>
    internal sealed record Renamed(string UnitId, string Name) : DriverEvent;
}
