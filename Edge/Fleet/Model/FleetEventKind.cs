namespace Edge.Fleet;

/// <summary>What can be different between two snapshots of the fleet.</summary>
internal enum FleetEventKind
{
    /// <summary>A name is in the fleet that was not.</summary>
    ReplicaAdded,

    /// <summary>A replica got into another state, or another replica runs under the name.</summary>
    ReplicaState,

    /// <summary>It goes by another name.</summary>
    ReplicaRenamed,

    /// <summary>It has another weight.</summary>
    ReplicaWeight,

    /// <summary>It is out of rotation for what its requests have shown.</summary>
    ReplicaEjected,

    /// <summary>It is back from that, on trial.</summary>
    ReplicaTrial,

    /// <summary>It has stood its trial.</summary>
    ReplicaTrialOver,

    /// <summary>It ends again and again.</summary>
    ReplicaCrashLoop,

    /// <summary>A name is in the fleet no more.</summary>
    ReplicaRemoved,

    /// <summary>The driver sees nothing any more.</summary>
    DriverLost,

    /// <summary>The driver sees the fleet again, or for the first time.</summary>
    DriverBack,

    /// <summary>Ejected replicas take requests, since there are no others.</summary>
    Panic,

    /// <summary>There are others again.</summary>
    PanicOver,
}
