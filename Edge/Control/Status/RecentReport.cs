namespace Edge.Control;

/// <summary>The last minute, or less after a start.</summary>
/// <param name="Seconds">How long the time is; 0 if nothing is known yet.</param>
/// <param name="RequestsPerSecond">On average.</param>
/// <param name="FailuresPerSecond">On average; of clients, all requests that failed, for any reason.</param>
/// <param name="LatencyMilliseconds">Null if there were no requests.</param>
internal sealed record RecentReport(double Seconds, double RequestsPerSecond, double FailuresPerSecond, LatencyReport? LatencyMilliseconds);
