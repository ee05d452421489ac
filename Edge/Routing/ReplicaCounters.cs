using Edge.Telemetry;

namespace Edge.Routing;

/// <summary>
/// What one loop counts about one replica; padded so that no two loops write to the same cache line. All fields are longs, or
/// structs of longs. The counters are the replica's and not its slot's, so that no replica inherits those of another.
/// </summary>
internal struct ReplicaCounters
{
#pragma warning disable CS0169, IDE0051 // Never read: it only takes up room.
    private CacheLine _before;
#pragma warning restore CS0169, IDE0051

    /// <summary>Requests that hold a connection to it, or wait for one.</summary>
    internal long InFlight;

    /// <summary>Attempts that failed a short time ago, and keep their place in what counts as its load.</summary>
    internal long Held;

    /// <summary>Requests that were sent to it, each attempt counted.</summary>
    internal long Requests;

    /// <summary>Attempts that it failed: connection, reset, timeout or malformed response; not those that speak against nobody.</summary>
    internal long Failures;

    /// <summary>Attempts that it failed since the last that it did not.</summary>
    internal long FailuresInARow;

    /// <summary>Of those in a row, the ones that may be due to what was asked of it.</summary>
    internal long DoubtfulInARow;

    /// <summary>What was asked where it failed first in this row; 0 where that is not known.</summary>
    internal long RouteInARow;

    /// <summary>1 where something else was asked of it, too, and it failed that in this row; else 0.</summary>
    internal long HasOtherRoute;

    /// <summary>When it was reported last, in the loop's milliseconds.</summary>
    internal long ReportedAt;

    /// <summary>Bytes that were sent to it and came from it, counted when an attempt is over.</summary>
    internal long BytesSent;

    internal long BytesReceived;

    /// <summary>Attempts that are over.</summary>
    internal long Ended;

    /// <summary>From the connection that stood until the head of the response was whole.</summary>
    internal Histogram Response;

    /// <summary>What it has to do, as far as picks go.</summary>
    internal readonly long Load => InFlight + Held;
}
