using System.Globalization;
using System.Text;

namespace Edge.Simulate;

/// <summary>Results of a simulated fleet, for people.</summary>
internal static class ScaleTable
{
    private const string Head =
        "| traffic | rule | needed | most replicas | starts | turns | p99 | not answered in 30 s |\n|---|---|---|---|---|---|---|---|\n";

    /// <summary>A table in Markdown.</summary>
    internal static string Of(IEnumerable<ScaleResult> results)
    {
        var table = new StringBuilder(Head);
        foreach (ScaleResult result in results)
        {
            table.Append(Row(result));
        }

        return table.ToString();
    }

    /// <summary>One row of it.</summary>
    internal static string Row(ScaleResult result) => string.Create(CultureInfo.InvariantCulture,
        $"| {result.Case.Name} | {result.Rule} | {result.Case.Needed} | {result.Most} | {result.Starts} | {result.Turns} ")
        + string.Create(CultureInfo.InvariantCulture, $"| {Time(result.P99)} | {result.Failed:N0} |\n");

    /// <summary>How many replicas there were, second by second.</summary>
    /// <param name="of">The case that is drawn.</param>
    /// <param name="seconds">How much of it.</param>
    internal static SvgChart Chart(ScaleCase of, int seconds)
    {
        ScaleResult[] results = ScaleRuns.Run(of);
        double most = Math.Ceiling(results.Max(result => result.Most) / 5.0) * 5;
        return new SvgChart(
            $"Replicas: {of.Name}",
            new SvgAxis("seconds", 0, seconds, [.. Enumerable.Range(0, 7).Select(i => seconds * i / 6.0)]),
            new SvgAxis("replicas", 0, most, [.. Enumerable.Range(0, 6).Select(i => most * i / 5)]),
            [
                .. results.Select(result => Series(result.Rule, second => result.Replicas[second])),
                Series("needed", second => of.Rate(second) * of.Service / ScaleRuns.Rules.Target),
            ]);

        SvgSeries Series(string name, Func<int, double> at) =>
            new(name, [.. Enumerable.Range(0, seconds).Select(second => ((double)second, at(second)))], IsStep: true);
    }

    private static string Time(double seconds) => seconds < 1
        ? string.Create(CultureInfo.InvariantCulture, $"{seconds * 1000:0} ms") : string.Create(CultureInfo.InvariantCulture, $"{seconds:0.0} s");
}
