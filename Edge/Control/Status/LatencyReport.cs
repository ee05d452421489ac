using Edge.Telemetry;

namespace Edge.Control;

/// <summary>Times below which this percentage of the requests lies, in milliseconds. A time above 16.8 s is reported as 16.8 s.</summary>
internal sealed record LatencyReport(double P50, double P90, double P95, double P99)
{
    /// <summary>Those of a histogram; null if there are none.</summary>
    internal static LatencyReport? Of(in Histogram times) => times.Count == 0 ? null
        : new(Milliseconds(times, 0.5), Milliseconds(times, 0.9), Milliseconds(times, 0.95), Milliseconds(times, 0.99));

    private static double Milliseconds(in Histogram times, double share) => Math.Round(times.Quantile(share)!.Value * 1000, 3);
}
