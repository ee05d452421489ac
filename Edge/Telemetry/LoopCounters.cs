namespace Edge.Telemetry;

/// <summary>
/// What one event loop counts since its start. Only its thread writes, without locks; any thread reads with <see cref="Counters.AddTo{T}"/>. All
/// fields are longs, or structs of longs. Times are in nanoseconds.
/// </summary>
internal struct LoopCounters
{
    private CacheLine _before;

    /// <summary>
    /// Requests. In the memory of a loop: those of the default service, and those of which no service is known. In what is read: those of all services.
    /// </summary>
    internal ServiceCounters Requests;

    /// <summary>Attempts that failed and were followed by another one.</summary>
    internal ReasonCounts Retries;

    /// <summary>From the beginning of a connection to a replica until it was made.</summary>
    internal Histogram Connect;

    /// <summary>From the end of a wait for events until the next wait: so long an event may have had to wait for its turn.</summary>
    internal Histogram Turn;

    /// <summary>Time in which the loop had something to do.</summary>
    internal long Busy;

    /// <summary>Time in which it waited for events.</summary>
    internal long Idle;

    /// <summary>Bytes from clients and to them.</summary>
    internal long ClientBytesReceived;

    internal long ClientBytesSent;

    /// <summary>Client connections: accepted so far, refused of these, open now.</summary>
    internal long ClientsAccepted;

    internal long ClientsRefused;

    internal long Clients;

    /// <summary>Upstream connections: idle ones, and those in use.</summary>
    internal long PooledConnections;

    internal long BusyConnections;

    /// <summary>Requests that found an idle connection in the pool, and those that needed a new one.</summary>
    internal long PoolHits;

    internal long PoolMisses;

    /// <summary>TLS handshakes with replicas that were done; those of these that went on with the keys of an earlier session.</summary>
    internal long ReplicaHandshakes;

    internal long ReplicaHandshakesResumed;

    /// <summary>TLS handshakes of clients that were done, by version; those of these that went on with the keys of an earlier session.</summary>
    internal long HandshakesTls12;

    internal long HandshakesTls13;

    internal long HandshakesResumed;

    /// <summary>TLS handshakes of clients that were not done, by <see cref="Io.TlsFailure"/>.</summary>
    internal TlsFailureCounts HandshakeFailures;

    /// <summary>From the beginning of a client's TLS handshake until it was done.</summary>
    internal Histogram Handshake;

    /// <summary>Managed memory that the loop's thread has allocated.</summary>
    internal long AllocatedBytes;

    /// <summary>Lines of the access log that were handed on, and those that had no room.</summary>
    internal long LinesLogged;

    internal long LinesDropped;
}
