namespace Edge.Fleet;

/// <summary>The states of a replica and the events that lead from one to another. docs/architecture.md has a picture of it.</summary>
internal static class ReplicaLife
{
    /// <summary>The next state; null if the event has no meaning in this state.</summary>
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
        (ReplicaState.Starting or ReplicaState.Draining or ReplicaState.Gone, ReplicaEvent.Kept) => ReplicaState.Kept,

        _ => null,
    };
}
