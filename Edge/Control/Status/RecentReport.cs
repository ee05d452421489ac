namespace Edge.Control;

/// <summary>The last minute, or less after a start.</summary>
/// <param name="Seconds">How long that is; 0 where nothing is known yet.</param>
/// <param name="RequestsPerSecond">On average.</param>
/// <param name="FailuresPerSecond">On average; of clients, all that did not end as they should, whoever was the reason.</param>
/// <param name="LatencyMilliseconds">Null where there were no requests.</param>
internal sealed record RecentReport(double Seconds, double RequestsPerSecond, double FailuresPerSecond, LatencyReport? LatencyMilliseconds);
