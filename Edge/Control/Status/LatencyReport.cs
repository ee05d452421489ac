namespace Edge.Control;

/// <summary>Times below which this percentage of the requests lies, in milliseconds. A time above 16.8 s is reported as 16.8 s.</summary>
internal sealed record LatencyReport(double P50, double P90, double P99);
