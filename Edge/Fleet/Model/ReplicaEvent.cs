namespace Edge.Fleet;

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
