namespace Edge.Fleet;

/// <summary>What a driver noticed by itself.</summary>
internal abstract record DriverEvent
{
    /// <summary>From here on nothing is missed; what happened before shows in a list.</summary>
    internal sealed record Watching : DriverEvent;

    /// <summary>A replica runs, whoever started it.</summary>
    internal sealed record Started(ObservedReplica Replica) : DriverEvent;

    /// <summary>The driver wants no requests on a replica that runs, or takes that back (null).</summary>
    /// <param name="Id">Of the replica.</param>
    /// <param name="Name">Of the replica.</param>
    /// <param name="Objection">What it has against it.</param>
    /// <param name="IsEnding">Whether that is that it will soon run no more.</param>
    internal sealed record Objected(string Id, string Name, string? Objection, bool IsEnding = false) : DriverEvent;

    /// <summary>A replica runs no more, whoever ended it.</summary>
    /// <param name="Id">Of the replica.</param>
    /// <param name="Name">Of the replica.</param>
    /// <param name="Reason">How it ended.</param>
    /// <param name="MayBeStopped">Whether a <see cref="StoppedFromOutside"/> may follow at once: it was asked to end before it did.</param>
    internal sealed record Died(string Id, string Name, string Reason, bool MayBeStopped = false) : DriverEvent;

    /// <summary>What runs no more was stopped on purpose, and not by the balancer: it stays so until it is started the same way.</summary>
    internal sealed record StoppedFromOutside(string UnitId, string Why) : DriverEvent;

    /// <summary>What the balancer has not removed is not there any more.</summary>
    internal sealed record Removed(string UnitId, string Why) : DriverEvent;

    /// <summary>It has another name now.</summary>
    internal sealed record Renamed(string UnitId, string Name) : DriverEvent;
}
