namespace Edge.Control;

/// <summary>Times below which so many percent of the requests stayed, in milliseconds; what lies above 16.8 s is told as that.</summary>
internal sealed record LatencyReport(double P50, double P90, double P99);
