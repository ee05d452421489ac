using System.Net;

namespace Edge.Fleet;

/// <summary>A replica as it is wanted.</summary>
/// <param name="Name">Its name in the REST contract.</param>
/// <param name="Weight">Its share of the requests, 1 to 256.</param>
/// <param name="IsNew">Whether it is being added; else it is started again, as whatever it was before.</param>
internal readonly record struct ReplicaSpec(string Name, int Weight, bool IsNew);

/// <summary>Who made a replica, which decides what the balancer may do to it.</summary>
internal enum ReplicaOrigin
{
    /// <summary>The balancer did: it starts, heals, makes anew and removes it.</summary>
    Made,

    /// <summary>Someone else did, and labelled it as the fleet's: it is routed to and started again when it dies, and removed only when a call asks for it.</summary>
    Adopted,

    /// <summary>Someone else did, and only its name or its address makes it a replica: it is routed to while it is well, and nothing else is done to it.</summary>
    Listed,
}

/// <summary>A replica as its driver sees it: it runs.</summary>
/// <param name="Id">The driver's own; another start of the same name has another one.</param>
/// <param name="Name">Its name in the REST contract.</param>
/// <param name="Address">Where it takes requests.</param>
/// <param name="Weight">Its share of the requests, 1 to 256.</param>
/// <param name="Objection">Why the driver wants no requests on it now, whatever its health checks say; null where it has nothing against it.</param>
internal sealed record ObservedReplica(string Id, string Name, IPEndPoint Address, int Weight, string? Objection = null)
{
    /// <summary>What it is made of, to be shown; null where there is no name for that.</summary>
    internal string? Image { get; init; }

    /// <summary>
    /// The driver's own id of what can be stopped and started again, and may change its name meanwhile: of a container, its id. Where a
    /// replica can't be started again, the same as <see cref="Id"/>.
    /// </summary>
    internal string UnitId { get => field ?? Id; init; }

    /// <summary>Who made it.</summary>
    internal ReplicaOrigin Origin { get; init; } = ReplicaOrigin.Made;

    /// <summary>The path of its health checks, where it says so itself; null for the options'.</summary>
    internal string? HealthPath { get; init; }

    /// <summary>The Host of its health checks, where it says so itself; null for the options'.</summary>
    internal string? HealthHost { get; init; }

    /// <summary>How much longer than others it says that it may take to become well.</summary>
    internal TimeSpan StartPeriod { get; init; }
}

/// <summary>What a driver sees of the fleet.</summary>
/// <param name="Running">The replicas that run now.</param>
/// <param name="Ended">Those that are the fleet's and don't run, where the driver remembers such.</param>
internal sealed record ReplicaListing(IReadOnlyList<ObservedReplica> Running, IReadOnlyList<ReplicaSpec> Ended);

/// <summary>How a replica ended that was stopped.</summary>
/// <param name="ExitCode">Of its program; null where that is not known.</param>
/// <param name="OutOfMemory">Whether it was killed for the memory that it used.</param>
internal readonly record struct ReplicaEnd(int? ExitCode, bool OutOfMemory);

/// <summary>How a replica can be made to fail.</summary>
internal enum ReplicaFault
{
    /// <summary>It ends at once, without a chance to close anything (SIGKILL).</summary>
    Kill,

    /// <summary>It stands still: its connections stay open, and nothing is answered.</summary>
    Freeze,
}

/// <summary>What a driver noticed by itself.</summary>
internal abstract record DriverEvent
{
    /// <summary>From here on nothing is missed; what happened before shows in a list.</summary>
    internal sealed record Watching : DriverEvent;

    /// <summary>A replica runs, whoever started it.</summary>
    internal sealed record Started(ObservedReplica Replica) : DriverEvent;

    /// <summary>The driver wants no requests on a replica that runs, or takes that back (null).</summary>
    /// <param name="Id">Of the replica.</param>
    /// <param name="Name">Of the replica.</param>
    /// <param name="Objection">What it has against it.</param>
    /// <param name="IsEnding">Whether that is that it will soon run no more.</param>
    internal sealed record Objected(string Id, string Name, string? Objection, bool IsEnding = false) : DriverEvent;

    /// <summary>A replica runs no more, whoever ended it.</summary>
    internal sealed record Died(string Id, string Name, string Reason) : DriverEvent;
}

/// <summary>What sort of trouble a driver has, which is what a caller can do about it.</summary>
internal enum DriverFailure
{
    /// <summary>It cannot do anything now: try again later.</summary>
    Unavailable,

    /// <summary>It tried, and this did not work.</summary>
    Failed,

    /// <summary>Something else goes by this name.</summary>
    NameTaken,
}

/// <summary>A driver could not do what was asked; the message is in its own words.</summary>
internal sealed class DriverException : Exception
{
    internal DriverException(DriverFailure kind, string message, Exception? inner = null)
        : base(message, inner) => Kind = kind;

    internal DriverFailure Kind { get; }
}

/// <summary>
/// Runs replicas. All members may be called from any thread and side by side, and throw <see cref="DriverException"/>
/// for what goes wrong outside the balancer. Disposing ends the replicas of a driver whose replicas end with it.
/// </summary>
internal interface IReplicaDriver : IAsyncDisposable
{
    /// <summary>What the options call it.</summary>
    string Name { get; }

    /// <summary>Whether the balancer owns the replicas: only then may it start, stop and restart them.</summary>
    bool Owned { get; }

    /// <summary>The fleet as it is now.</summary>
    Task<ReplicaListing> ListAsync(CancellationToken cancellation);

    /// <summary>
    /// Starts one, and returns when it has an address; whether it is well there is for a health check to say.
    /// Where this throws, for a cancellation too, nothing of a new replica is left.
    /// </summary>
    Task<ObservedReplica> StartAsync(ReplicaSpec spec, CancellationToken cancellation);

    /// <summary>Ends one, and returns when it is gone. To stop what is gone already is no failure.</summary>
    Task<ReplicaEnd> StopAsync(ObservedReplica replica, CancellationToken cancellation);

    /// <summary>Makes a replica fail, as it might by itself one day. Returns when the fault is there.</summary>
    Task InflictAsync(ObservedReplica replica, ReplicaFault fault, CancellationToken cancellation);

    /// <summary>Removes what is left of a replica of the fleet that does not run, or not so that it takes requests; nothing, if nothing is left.</summary>
    Task ForgetAsync(string name, CancellationToken cancellation);

    /// <summary>
    /// What happens, without end, <see cref="DriverEvent.Watching"/> first, and again whenever something may have been
    /// missed. Throws where the driver lost sight: the caller watches anew.
    /// </summary>
    IAsyncEnumerable<DriverEvent> WatchAsync(CancellationToken cancellation);
}
