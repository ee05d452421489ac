using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace Edge.Fleet;

/// <summary>A replica as it is wanted.</summary>
/// <param name="Name">Its name in the REST contract.</param>
/// <param name="Weight">Its share of the requests, 1 to 256.</param>
/// <param name="UnitId">What shall be started again, by the driver's id; null where there has been nothing yet.</param>
/// <param name="Origin">Who made that.</param>
internal readonly record struct ReplicaSpec(string Name, int Weight, string? UnitId = null, ReplicaOrigin Origin = ReplicaOrigin.Made);

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
    [AllowNull]
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
internal sealed record ReplicaListing(IReadOnlyList<ObservedReplica> Running, IReadOnlyList<ReplicaSpec> Ended)
{
    /// <summary>What looks like a replica and is not taken for one.</summary>
    internal IReadOnlyList<IgnoredReplica> Ignored { get; init; } = [];

    /// <summary>Whether the driver knows of what to make replicas that no call has asked for.</summary>
    internal bool MayFill { get; init; } = true;
}

/// <summary>Something that looks like a replica and is not taken for one.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Why">The reason, and what to change.</param>
internal sealed record IgnoredReplica(string Name, string Why);

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
    /// <param name="Id">Of the replica.</param>
    /// <param name="Name">Of the replica.</param>
    /// <param name="Reason">How it ended.</param>
    /// <param name="MayBeStopped">Whether a <see cref="StoppedFromOutside"/> may follow at once: it was asked to end before it did.</param>
    internal sealed record Died(string Id, string Name, string Reason, bool MayBeStopped = false) : DriverEvent;

    /// <summary>What runs no more was stopped on purpose, and not by the balancer: it stays so until it is started the same way.</summary>
    internal sealed record StoppedFromOutside(string UnitId, string Why) : DriverEvent;

    /// <summary>What the balancer has not removed is not there any more.</summary>
    internal sealed record Removed(string UnitId, string Why) : DriverEvent;

    /// <summary>It has another name now.</summary>
    internal sealed record Renamed(string UnitId, string Name) : DriverEvent;
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

    /// <summary>It is not there any more, or not the fleet's, and the balancer did not make it.</summary>
    Gone,

    /// <summary>Something else is about to start it.</summary>
    Deferred,
}

/// <summary>What becomes of a replica that is stopped.</summary>
internal enum StopKind
{
    /// <summary>It leaves the fleet: nothing of it stays but what the balancer did not make.</summary>
    Remove,

    /// <summary>It is made anew under its name.</summary>
    Replace,

    /// <summary>It stays as it is, and is started again.</summary>
    Restart,
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

    /// <summary>Ends one, and returns when it does not run any more. To stop what is gone already is no failure.</summary>
    /// <param name="replica">Which.</param>
    /// <param name="kind">What becomes of it.</param>
    /// <param name="why">For the log, where something goes that cannot be brought back.</param>
    /// <param name="cancellation">Calls it off.</param>
    Task<ReplicaEnd> StopAsync(ObservedReplica replica, StopKind kind, string why, CancellationToken cancellation);

    /// <summary>Makes a replica fail, as it might by itself one day. Returns when the fault is there.</summary>
    Task InflictAsync(ObservedReplica replica, ReplicaFault fault, CancellationToken cancellation);

    /// <summary>Removes what is left of a replica that leaves the fleet and does not run; nothing, if nothing is left.</summary>
    /// <param name="unitId">The driver's own id of it.</param>
    /// <param name="why">For the log.</param>
    /// <param name="cancellation">Calls it off.</param>
    Task ForgetAsync(string unitId, string why, CancellationToken cancellation);

    /// <summary>
    /// What happens, without end, <see cref="DriverEvent.Watching"/> first, and again whenever something may have been
    /// missed. Throws where the driver lost sight: the caller watches anew.
    /// </summary>
    IAsyncEnumerable<DriverEvent> WatchAsync(CancellationToken cancellation);
}
