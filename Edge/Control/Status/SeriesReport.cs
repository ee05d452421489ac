namespace Edge.Control;

/// <summary>Figures in equal steps, the oldest first; all lists are equally long, and the last step ended a moment ago.</summary>
/// <param name="RequestsPerSecond">Requests that ended; of a replica, attempts.</param>
/// <param name="ErrorsPerSecond">Those with a status of 500 or more, or whose response was cut; of a replica, attempts that it failed.</param>
/// <param name="InFlight">Requests under way at the end of the step.</param>
/// <param name="P50">Half of the requests took no longer, in milliseconds; null if there were none.</param>
/// <param name="P99">The same of 99 %.</param>
internal sealed record SeriesReport(
    IReadOnlyList<double> RequestsPerSecond,
    IReadOnlyList<double> ErrorsPerSecond,
    IReadOnlyList<double> InFlight,
    IReadOnlyList<double?> P50,
    IReadOnlyList<double?> P99)
{
    internal static SeriesReport Of(HistoryPoint[] points) => new(
        [.. points.Select(point => Math.Round(point.RequestsPerSecond, 2))],
        [.. points.Select(point => Math.Round(point.ErrorsPerSecond, 2))],
        [.. points.Select(point => Math.Round(point.InFlight))],
        [.. points.Select(point => Milliseconds(point.P50))],
        [.. points.Select(point => Milliseconds(point.P99))]);

    private static double? Milliseconds(float seconds) => float.IsNaN(seconds) ? null : Math.Round(seconds * 1000.0, 3);
}
