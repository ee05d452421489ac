using Edge.Telemetry;

namespace Edge.Control;

/// <summary>What has been going on of late, of one replica or of all that clients see.</summary>
/// <param name="Seconds">How long that is: about a minute, and less after a start; 0 where nothing is known yet.</param>
/// <param name="Requests">Attempts of a replica, or requests of clients, that ended.</param>
/// <param name="Failures">Those that the replica failed; of clients, those that did not end as they should.</param>
/// <param name="Times">Until the head of the response, of a replica; until the end of the answer, of clients.</param>
internal readonly record struct RecentFigures(double Seconds, long Requests, long Failures, Histogram Times)
{
    internal double RequestsPerSecond => Seconds > 0 ? Requests / Seconds : 0;

    internal double FailuresPerSecond => Seconds > 0 ? Failures / Seconds : 0;

    /// <summary>The time below which a share of the requests stayed, in seconds; null where there were none.</summary>
    internal double? Quantile(double share) => Times.Quantile(share);
}
