namespace Edge.Fleet;

/// <summary>
/// Runs replicas. All members may be called from any thread at the same time, and throw <see cref="DriverException"/> for failures outside the
/// balancer. Disposing ends the replicas, if the driver's replicas end with it.
/// </summary>
internal interface IReplicaDriver : IAsyncDisposable
{
    /// <summary>The driver's name in the options.</summary>
    string Name { get; }

    /// <summary>What it can do. It never changes.</summary>
    DriverCapabilities Capabilities { get; }

    /// <summary>Lists the fleet as it is now.</summary>
    Task<ReplicaListing> ListAsync(CancellationToken cancellation);

    /// <summary>The image of a new replica. Throws if there is nothing to make one of.</summary>
    Task<ReplicaImage> ImageAsync(CancellationToken cancellation);

    /// <summary>An image by its name. Throws if there is none of this name.</summary>
    /// <param name="name">As a person writes it.</param>
    /// <param name="pulls">Whether it is pulled from its registry though there is one; if there is none, the options decide.</param>
    /// <param name="cancellation">Cancels the call.</param>
    Task<ReplicaImage> FindImageAsync(string name, bool pulls, CancellationToken cancellation);

    /// <summary>The last lines that a replica has printed, running or not; none if the driver has none.</summary>
    /// <param name="unitId">The driver's id of it.</param>
    /// <param name="count">How many at most.</param>
    /// <param name="cancellation">Cancels the call.</param>
    Task<IReadOnlyList<string>> LastLinesAsync(string unitId, int count, CancellationToken cancellation);

    /// <summary>
    /// Starts a replica, and returns when it has an address; a health check says whether it is well. A replica that has run before comes back as it
    /// was: as the same unit, or else made anew from its own image. If this throws, also because it is cancelled, nothing of a new replica is left.
    /// </summary>
    Task<ObservedReplica> StartAsync(ReplicaSpec spec, CancellationToken cancellation);

    /// <summary>Ends a replica, and returns when it does not run any more. To stop a replica that is gone already is no failure.</summary>
    /// <param name="unitId">The driver's id of it, because another replica may have its name now.</param>
    /// <param name="kind">What happens to it afterwards.</param>
    /// <param name="why">For the log, if something is removed that cannot be brought back.</param>
    /// <param name="cancellation">Calls it off.</param>
    Task<ReplicaEnd> StopAsync(string unitId, StopKind kind, string why, CancellationToken cancellation);

    /// <summary>Makes a replica fail as it might fail by itself. Returns when the fault has happened.</summary>
    /// <param name="unitId">The driver's own id of it.</param>
    /// <param name="fault">The fault.</param>
    /// <param name="cancellation">Calls it off.</param>
    Task InflictAsync(string unitId, ReplicaFault fault, CancellationToken cancellation);

    /// <summary>Removes what is left of a replica that leaves the fleet and does not run. Does nothing if nothing is left.</summary>
    /// <param name="unitId">The driver's id of it.</param>
    /// <param name="why">For the log.</param>
    /// <param name="cancellation">Cancels the call.</param>
    Task ForgetAsync(string unitId, string why, CancellationToken cancellation);

    /// <summary>
    /// The events of the fleet, without end. <see cref="DriverEvent.Watching"/> comes first, and again whenever events may have been missed. Throws
    /// if the driver loses sync: then the caller watches again.
    /// </summary>
    IAsyncEnumerable<DriverEvent> WatchAsync(CancellationToken cancellation);
}
