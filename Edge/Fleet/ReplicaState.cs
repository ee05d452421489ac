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

/// <summary>What can happen to a replica.</summary>
internal enum ReplicaEvent
{
    /// <summary>It passed as many health checks as it takes.</summary>
    Passed,

    /// <summary>It failed as many health checks as it takes.</summary>
    Failed,

    /// <summary>It ended by itself, or could not be started.</summary>
    Died,

    /// <summary>It shall end.</summary>
    Remove,

    /// <summary>The balancer has drained and stopped it.</summary>
    Stopped,

    /// <summary>It was stopped on purpose, and not by the balancer.</summary>
    StoppedFromOutside,
}

/// <summary>Which event leads from which state to which.</summary>
internal static class ReplicaLife
{
    /// <summary>The next state, or null where the event has no meaning in this state.</summary>
    internal static ReplicaState? Next(ReplicaState state, ReplicaEvent happened) => (state, happened) switch
    {
        (ReplicaState.Starting, ReplicaEvent.Passed) => ReplicaState.Healthy,
        (ReplicaState.Starting, ReplicaEvent.Died) => ReplicaState.Gone,
        (ReplicaState.Starting, ReplicaEvent.Remove) => ReplicaState.Draining,

        (ReplicaState.Healthy, ReplicaEvent.Failed) => ReplicaState.Unhealthy,
        (ReplicaState.Healthy, ReplicaEvent.Died) => ReplicaState.Gone,
        (ReplicaState.Healthy, ReplicaEvent.Remove) => ReplicaState.Draining,

        (ReplicaState.Unhealthy, ReplicaEvent.Passed) => ReplicaState.Healthy,
        (ReplicaState.Unhealthy, ReplicaEvent.Died) => ReplicaState.Gone,
        (ReplicaState.Unhealthy, ReplicaEvent.Remove) => ReplicaState.Draining,

        (ReplicaState.Starting or ReplicaState.Healthy or ReplicaState.Unhealthy or ReplicaState.Gone, ReplicaEvent.StoppedFromOutside) => ReplicaState.Stopped,

        (ReplicaState.Draining, ReplicaEvent.Died) => ReplicaState.Gone,
        (ReplicaState.Draining, ReplicaEvent.Stopped) => ReplicaState.Gone,

        _ => null,
    };
}
