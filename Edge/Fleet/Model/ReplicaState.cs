namespace Edge.Fleet;

/// <summary>The state of an incarnation. A replica that is started again begins a new life.</summary>
internal enum ReplicaState
{
    /// <summary>Being started; it has not passed a health check yet.</summary>
    Starting,

    /// <summary>In rotation.</summary>
    Healthy,

    /// <summary>It runs, but is out of rotation: it fails its health checks, its driver objects, or it is ejected.</summary>
    Unhealthy,

    /// <summary>Out of rotation for good: its requests finish, and then it is stopped.</summary>
    Draining,

    /// <summary>It does not run any more: the end of this life.</summary>
    Gone,

    /// <summary>It was stopped from outside, and stays stopped until it is started from outside.</summary>
    Stopped,

    /// <summary>The balancer has stopped it, and keeps it so that it can be started again.</summary>
    Kept,
}
