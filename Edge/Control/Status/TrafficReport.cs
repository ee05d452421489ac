namespace Edge.Control;

/// <summary>What clients see of the balancer or of one service, without the balancer's own paths.</summary>
/// <param name="Requests">Requests that are over.</param>
/// <param name="Errors">Requests among them with a status of 500 or more, or whose response was cut.</param>
/// <param name="InFlight">Requests that are not over.</param>
/// <param name="Waiting">Those of them that wait in the queue.</param>
/// <param name="Recent">The last minute; times until the end of the answer.</param>
internal sealed record TrafficReport(long Requests, long Errors, long InFlight, long Waiting, RecentReport Recent);
