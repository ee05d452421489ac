namespace Edge.Fleet;

/// <summary>What sort of trouble a driver has, which is what a caller can do about it.</summary>
internal enum DriverFailure
{
    /// <summary>It cannot do anything now: try again later.</summary>
    Unavailable,

    /// <summary>It tried, and this did not work.</summary>
    Failed,

    /// <summary>Something else goes by this name.</summary>
    NameTaken,

    /// <summary>It is not there any more, or not the fleet's, and the balancer did not make it.</summary>
    Gone,

    /// <summary>Something else is about to start it.</summary>
    Deferred,
}
