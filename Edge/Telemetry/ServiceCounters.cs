namespace Edge.Telemetry;

/// <summary>
/// What one event loop counts for the requests of one service, without those for the balancer's own paths. All fields are longs, or structs of longs.
/// Times are in nanoseconds.
/// </summary>
internal struct ServiceCounters
{
    /// <summary>Requests that came in, forwarded or refused.</summary>
    internal long Begun;

    /// <summary>The same, when they were over.</summary>
    internal long Ended;

    /// <summary>Requests among those with a status of 500 or more, or whose response was cut.</summary>
    internal long Errors;

    /// <summary>Requests that wait in the queue now, and those that were refused because the queue was full.</summary>
    internal long Waiting;

    internal long TurnedAway;

    /// <summary>Connections to replicas that are tunnels; their requests are over.</summary>
    internal long Tunnels;

    /// <summary>Requests of monitors that went to a replica of a service that may sleep (Edge:Scale:Ignore): begun and over.</summary>
    internal long MonitorsBegun;

    internal long MonitorsEnded;

    /// <summary>Requests that did not end as they should.</summary>
    internal ReasonCounts Failures;

    /// <summary>From the end of a request's head until the last byte of its response was handed to the kernel or kept for it.</summary>
    internal Histogram Duration;

    /// <summary>The waiting time of requests that had to wait in the queue.</summary>
    internal Histogram Queue;

    /// <summary>Requests that have not ended yet, and tunnels. Read from a sum, it may be wrong by those that begin or end meanwhile.</summary>
    internal readonly long InFlight => Math.Max(0, Begun - Ended) + Tunnels;

    /// <summary>Requests that did not end as they should, for any reason.</summary>
    internal readonly long Failed
    {
        get
        {
            long sum = 0;
            foreach (long count in (ReadOnlySpan<long>)Failures)
            {
                sum += count;
            }

            return sum;
        }
    }
}
