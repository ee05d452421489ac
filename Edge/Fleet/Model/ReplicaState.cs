namespace Edge.Fleet;

/// <summary>Where a replica is in its life. One that is started again begins a new life.</summary>
internal enum ReplicaState
{
    /// <summary>Being started, or not yet known to be well.</summary>
    Starting,

    /// <summary>In rotation.</summary>
    Healthy,

    /// <summary>It runs, but fails its health checks: out of rotation.</summary>
    Unhealthy,

    /// <summary>Out of rotation for good: its requests finish, then it is stopped.</summary>
    Draining,

    /// <summary>It does not run any more. The end of this life.</summary>
    Gone,

    /// <summary>It was stopped from outside, and stays so until it is started from there.</summary>
    Stopped,
}
