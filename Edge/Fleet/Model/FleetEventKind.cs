namespace Edge.Fleet;

/// <summary>The differences between two snapshots of the fleet.</summary>
internal enum FleetEventKind
{
    /// <summary>A name is new in the fleet.</summary>
    ReplicaAdded,

    /// <summary>A replica has another state, or another replica runs under the name.</summary>
    ReplicaState,

    /// <summary>It has another name.</summary>
    ReplicaRenamed,

    /// <summary>It has another weight.</summary>
    ReplicaWeight,

    /// <summary>It is out of rotation because its requests failed.</summary>
    ReplicaEjected,

    /// <summary>It is back in rotation, on trial.</summary>
    ReplicaTrial,

    /// <summary>It has passed its trial.</summary>
    ReplicaTrialOver,

    /// <summary>It fails again and again.</summary>
    ReplicaCrashLoop,

    /// <summary>A name is not in the fleet any more.</summary>
    ReplicaRemoved,

    /// <summary>Another number of replicas is needed for the load.</summary>
    FleetTarget,

    /// <summary>The fleet sleeps: no replica runs until a request comes.</summary>
    FleetAsleep,

    /// <summary>It wakes: the first replica is being started.</summary>
    FleetWaking,

    /// <summary>It is awake again: a replica is in rotation.</summary>
    FleetAwake,

    /// <summary>It could not be started again and again.</summary>
    FleetBroken,

    /// <summary>A deploy has taken a step.</summary>
    Deploy,

    /// <summary>The driver is out of sync.</summary>
    DriverLost,

    /// <summary>The driver is in sync again, or for the first time.</summary>
    DriverBack,

    /// <summary>Ejected replicas get requests, because there are no others.</summary>
    Panic,

    /// <summary>There are others again.</summary>
    PanicOver,
}
