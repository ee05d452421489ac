namespace Edge.Routing;

/// <summary>The counters of one replica, summed over the loops.</summary>
internal readonly record struct ReplicaTotals(long InFlight, long Requests, long Failures);
