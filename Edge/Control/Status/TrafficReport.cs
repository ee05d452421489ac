namespace Edge.Control;

/// <summary>What clients see of the balancer; its own paths are not counted.</summary>
/// <param name="Requests">Those that are over.</param>
/// <param name="Errors">Those of them that were answered with a status of 500 or more, or whose answer was cut.</param>
/// <param name="InFlight">Those that are not over.</param>
/// <param name="Recent">The last minute; times until the end of the answer.</param>
internal sealed record TrafficReport(long Requests, long Errors, long InFlight, RecentReport Recent);
