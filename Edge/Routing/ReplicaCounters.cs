using Edge.Telemetry;

namespace Edge.Routing;

/// <summary>
/// What one loop counts for one replica; padded, so that no two loops write to the same cache line. All fields are longs, or structs of longs. The
/// counters belong to the replica and not to its slot, so no replica inherits those of another.
/// </summary>
internal struct ReplicaCounters
{
#pragma warning disable CS0169, IDE0051 // Never read: it only takes up room.
    private CacheLine _before;
#pragma warning restore CS0169, IDE0051

    /// <summary>Requests that hold a connection to it, or wait for one.</summary>
    internal long InFlight;

    /// <summary>Attempts that failed a short time ago and still count as load: the failure penalties.</summary>
    internal long Held;

    /// <summary>Requests that were sent to it, each attempt counted.</summary>
    internal long Requests;

    /// <summary>Attempts that it failed: connection, reset, timeout or malformed response; without failures that count against nobody.</summary>
    internal long Failures;

    /// <summary>Attempts that it failed since its last success.</summary>
    internal long FailuresInARow;

    /// <summary>Of these failures in a row, those that may be due to the page.</summary>
    internal long DoubtfulInARow;

    /// <summary>The page of the first failure in this row; 0 if it is not known.</summary>
    internal long RouteInARow;

    /// <summary>1 if it also failed a request for another page in this row; else 0.</summary>
    internal long HasOtherRoute;

    /// <summary>When it was last reported, in the loop's milliseconds.</summary>
    internal long ReportedAt;

    /// <summary>Bytes that were sent to it and received from it, counted when an attempt is over.</summary>
    internal long BytesSent;

    internal long BytesReceived;

    /// <summary>Attempts that are over.</summary>
    internal long Ended;

    /// <summary>From the connection until the whole head of the response.</summary>
    internal Histogram Response;

    /// <summary>Its load for picks.</summary>
    internal readonly long Load => InFlight + Held;
}
