namespace Edge.Fleet;

/// <summary>
/// Runs replicas. All members may be called from any thread and side by side, and throw <see cref="DriverException"/>
/// for what goes wrong outside the balancer. Disposing ends the replicas of a driver whose replicas end with it.
/// </summary>
internal interface IReplicaDriver : IAsyncDisposable
{
    /// <summary>What the options call it.</summary>
    string Name { get; }

    /// <summary>What it can do; the same for as long as it lives.</summary>
    DriverCapabilities Capabilities { get; }

    /// <summary>The fleet as it is now.</summary>
    Task<ReplicaListing> ListAsync(CancellationToken cancellation);

    /// <summary>What a replica would be made of that is made now. Throws where there is nothing to make one of.</summary>
    Task<ReplicaImage> ImageAsync(CancellationToken cancellation);

    /// <summary>
    /// Starts one, and returns when it has an address; whether it is well there is for a health check to say. What has run before comes back as what it
    /// was: as the same unit, or else made anew of its own image. Where this throws, for a cancellation too, nothing of a new replica is left.
    /// </summary>
    Task<ObservedReplica> StartAsync(ReplicaSpec spec, CancellationToken cancellation);

    /// <summary>Ends one, and returns when it does not run any more. To stop what is gone already is no failure.</summary>
    /// <param name="unitId">The driver's own id of it: its name may be another one's by now.</param>
    /// <param name="kind">What becomes of it.</param>
    /// <param name="why">For the log, where something goes that cannot be brought back.</param>
    /// <param name="cancellation">Calls it off.</param>
    Task<ReplicaEnd> StopAsync(string unitId, StopKind kind, string why, CancellationToken cancellation);

    /// <summary>Makes a replica fail, as it might by itself one day. Returns when the fault is there.</summary>
    /// <param name="unitId">The driver's own id of it.</param>
    /// <param name="fault">What is to happen to it.</param>
    /// <param name="cancellation">Calls it off.</param>
    Task InflictAsync(string unitId, ReplicaFault fault, CancellationToken cancellation);

    /// <summary>Removes what is left of a replica that leaves the fleet and does not run; nothing, if nothing is left.</summary>
    /// <param name="unitId">The driver's own id of it.</param>
    /// <param name="why">For the log.</param>
    /// <param name="cancellation">Calls it off.</param>
    Task ForgetAsync(string unitId, string why, CancellationToken cancellation);

    /// <summary>
    /// What happens, without end, <see cref="DriverEvent.Watching"/> first, and again whenever something may have been
    /// missed. Throws where the driver lost sync: the caller watches anew.
    /// </summary>
    IAsyncEnumerable<DriverEvent> WatchAsync(CancellationToken cancellation);
}
