namespace Edge.Fleet;

/// <summary>An event in the life of a replica.</summary>
internal enum ReplicaEvent
{
    /// <summary>It passed enough health checks.</summary>
    Passed,

    /// <summary>It failed enough health checks.</summary>
    Failed,

    /// <summary>It ended by itself, or could not be started.</summary>
    Died,

    /// <summary>It is to be removed.</summary>
    Remove,

    /// <summary>The balancer has drained and stopped it.</summary>
    Stopped,

    /// <summary>It was stopped on purpose, and not by the balancer.</summary>
    StoppedFromOutside,

    /// <summary>It does not run, and the balancer keeps it.</summary>
    Kept,
}
