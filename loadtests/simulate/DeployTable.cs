using System.Globalization;
using System.Text;
using Edge.Fleet;

namespace Edge.Simulate;

/// <summary>Results of simulated deploys, for people.</summary>
internal static class DeployTable
{
    private const string Head =
        "| new replicas | requests/s | reverted in 1 min | passed in 1 min | reverted in the end | new requests until then | time until then "
        + "| Flagger: reverted | time |\n|---|---|---|---|---|---|---|---|---|\n";

    // Of deploys that the picture shows, at the middle one of the rates.
    private static readonly string[] s_drawn =
        ["fails everything", "fails 5 %", "3 × slower", "2 × slower", "fails 2 %", "1.25 × slower"];

    /// <summary>A table in Markdown.</summary>
    internal static string Of(IEnumerable<DeployResult> results)
    {
        var table = new StringBuilder(Head);
        foreach (DeployResult result in results)
        {
            table.Append(Row(result));
        }

        return table.ToString();
    }

    /// <summary>One row of it.</summary>
    internal static string Row(DeployResult result)
    {
        int all = result.Ends.Length;
        DeployEnd[] reverted = [.. result.Ends.Where(end => end.Verdict == JudgeVerdict.Revert)];
        int early = reverted.Count(end => end.Seconds <= DeployRuns.JudgeSeconds);
        int passed = result.Ends.Count(end => end.Verdict == JudgeVerdict.Pass && end.Seconds <= DeployRuns.JudgeSeconds);
        int[] flagger = [.. result.FlaggerSeconds.OfType<int>()];
        string[] cells =
        [
            result.Case.Name,
            result.Rate.ToString(CultureInfo.InvariantCulture),
            Percent(early, all),
            Percent(passed, all),
            Percent(reverted.Length, all),
            result.Case.IsGood ? "–" : Middle(reverted.Select(end => end.Requests)),
            result.Case.IsGood ? "–" : Middle(reverted.Select(end => (long)end.Seconds), " s"),
            Percent(flagger.Length, all),
            result.Case.IsGood ? "–" : Middle(flagger.Select(seconds => (long)seconds), " s"),
        ];
        return $"| {string.Join(" | ", cells)} |\n";
    }

    /// <summary>After how many requests of the new replicas what share of the deploys is reverted.</summary>
    internal static SvgChart Chart(IEnumerable<DeployResult> results) => new(
        "Deploys that the judge has reverted, after so many requests of the new replicas",
        new SvgAxis("requests that the new replicas had (50 requests/s in all)", 1, 2000, [1, 3, 10, 30, 100, 300, 1000], IsLogarithmic: true),
        new SvgAxis("%", 0, 100, [0, 25, 50, 75, 100]),
        [.. s_drawn.Select(name => results.SingleOrDefault(result => result.Case.Name == name && result.Rate == 50)).OfType<DeployResult>().Select(Series)]);

    private static SvgSeries Series(DeployResult result)
    {
        long[] requests = [.. result.Ends.Where(end => end.Verdict == JudgeVerdict.Revert).Select(end => end.Requests).Order()];
        var points = new List<(double X, double Y)>();
        for (double x = 1; x <= 2000; x *= 1.06)
        {
            points.Add((x, 100.0 * requests.Count(request => request <= x) / result.Ends.Length));
        }

        return new SvgSeries(result.Case.Name, points);
    }

    private static string Percent(int part, int all) => part == 0 ? "0" : part == all ? "100 %"
        : (100.0 * part / all).ToString(part * 100L < all || (all - part) * 100L < all ? "0.00" : "0.0", CultureInfo.InvariantCulture) + " %";

    // The middle one, and in brackets the one that only one of a hundred exceeds.
    private static string Middle(IEnumerable<long> values, string unit = "")
    {
        long[] sorted = [.. values.Order()];
        return sorted.Length == 0 ? "–"
            : string.Create(CultureInfo.InvariantCulture, $"{sorted[sorted.Length / 2]:N0}{unit} ({sorted[(int)(sorted.Length * 0.99)]:N0}{unit})");
    }
}
