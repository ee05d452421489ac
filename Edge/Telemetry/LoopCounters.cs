namespace Edge.Telemetry;

/// <summary>
/// What one event loop counts since its start. Only its thread writes, without locks; anybody reads with
/// <see cref="Counters.AddTo{T}"/>. All fields are longs, or structs of longs. Times are in nanoseconds.
/// </summary>
internal struct LoopCounters
{
    private CacheLine _before;

    /// <summary>Requests that came in, forwarded or refused; the balancer's own paths are not among them.</summary>
    internal long Begun;

    /// <summary>The same when they were over.</summary>
    internal long Ended;

    /// <summary>Requests that did not end as they should.</summary>
    internal ReasonCounts Failures;

    /// <summary>Attempts after which another was made.</summary>
    internal ReasonCounts Retries;

    /// <summary>From the end of a request's head until the last of its answer was handed to the kernel or kept for it.</summary>
    internal Histogram Duration;

    /// <summary>From the begin of a connection to a replica until it stood.</summary>
    internal Histogram Connect;

    /// <summary>What requests that had to wait for room waited.</summary>
    internal Histogram Queue;

    /// <summary>From the end of a wait for events until the next one: what an event may have had to wait for its turn.</summary>
    internal Histogram Turn;

    /// <summary>Time in which the loop had something to do.</summary>
    internal long Busy;

    /// <summary>Time in which it waited for events.</summary>
    internal long Idle;

    /// <summary>Bytes from clients and to them.</summary>
    internal long ClientBytesReceived;

    internal long ClientBytesSent;

    /// <summary>Connections of clients: accepted so far, turned away of these, open now.</summary>
    internal long ClientsAccepted;

    internal long ClientsRefused;

    internal long Clients;

    /// <summary>Open connections to replicas that no request uses, and those that one does.</summary>
    internal long PooledConnections;

    internal long BusyConnections;

    /// <summary>Of the latter, those that carry another protocol for a client; their requests are over.</summary>
    internal long Tunnels;

    /// <summary>Requests that found an open connection in the pool, and those for which one had to be made.</summary>
    internal long PoolHits;

    internal long PoolMisses;

    /// <summary>Requests that wait for room now, and those that found no room even to wait.</summary>
    internal long Waiting;

    internal long TurnedAway;

    /// <summary>Managed memory that the loop's thread has allocated.</summary>
    internal long AllocatedBytes;

    /// <summary>Lines of the access log that were handed on, and those that found no room.</summary>
    internal long LinesLogged;

    internal long LinesDropped;

    /// <summary>Requests that have not ended yet, and tunnels. Read from a sum, it may be off by those that begin or end meanwhile.</summary>
    internal readonly long InFlight => Math.Max(0, Begun - Ended) + Tunnels;
}
