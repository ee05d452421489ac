using Edge.Telemetry;

namespace Edge.Control;

/// <summary>Figures of the last minute, of one replica or of all clients.</summary>
/// <param name="Seconds">How long the time is: about a minute, less after a start; 0 if nothing is known yet.</param>
/// <param name="Requests">Attempts of a replica, or requests of clients, that ended.</param>
/// <param name="Failures">Attempts that the replica failed; of clients, requests that failed.</param>
/// <param name="Times">Of a replica, until the head of the response; of clients, until the end of the response.</param>
internal readonly record struct RecentFigures(double Seconds, long Requests, long Failures, Histogram Times)
{
    internal double RequestsPerSecond => Seconds > 0 ? Requests / Seconds : 0;

    internal double FailuresPerSecond => Seconds > 0 ? Failures / Seconds : 0;

    /// <summary>The time below which a share of the requests lies, in seconds; null if there were none.</summary>
    internal double? Quantile(double share) => Times.Quantile(share);
}
