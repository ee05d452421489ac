namespace Edge.Fleet;

/// <summary>The kinds of failures of a driver; each leads to another reaction.</summary>
internal enum DriverFailure
{
    /// <summary>The driver cannot do anything now: try again later.</summary>
    Unavailable,

    /// <summary>The driver tried and failed.</summary>
    Failed,

    /// <summary>Something outside the fleet has this name.</summary>
    NameTaken,

    /// <summary>It does not exist any more, or does not belong to the fleet, and the balancer did not make it.</summary>
    Gone,

    /// <summary>Something other than the balancer is about to start it.</summary>
    Deferred,
}
