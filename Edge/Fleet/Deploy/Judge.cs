using System.Globalization;
using Edge.Telemetry;

namespace Edge.Fleet;

/// <summary>
/// Compares new replicas with old ones by what both did with the same kind of requests at the same time. Pure: the same figures have the same verdict. It
/// may be asked as often as wanted; see <see cref="SequentialTest"/>. docs/deploying.md has the rules, and how often they find what.
/// </summary>
internal static class Judge
{
    /// <summary>Response times of fewer requests of the new ones say nothing.</summary>
    internal const int NewAtLeast = 20;

    /// <summary>The same of the old ones: their times are what is expected.</summary>
    internal const int OldAtLeast = 200;

    // Of fewer old requests it is not believed that most of them fail: new ones that all do are found all the same.
    private const int KnownAtLeast = 20;

    // Below one of a thousand, errors are taken as equal.
    private const double ErrorShareAtLeast = 0.001;

    // What is not acceptable: twice as many as expected, and by so many points more.
    private const double ErrorPoints = 0.02;
    private const double SlowPoints = 0.10;
    private const double RefusedPoints = 0.10;

    // What takes less than that is quick, whatever the other side does: so small a difference is the machine's.
    private const double SlowSeconds = 0.004;

    // At most so many of the old ones' responses may be called slow.
    private const double SlowAtMost = 0.25;

    /// <summary>What the figures say now.</summary>
    internal static Judgement Decide(in JudgeFigures figures)
    {
        long fresh = figures.New.Attempts, old = figures.Old.Attempts;
        bool? areSound = Twice(ErrorShareAtLeast, ErrorPoints, old, figures.Old.Errors).Accepts(fresh, figures.New.Errors);
        string errors = Compared("5xx or no answer", fresh, figures.New.Errors, old, figures.Old.Errors);
        if (areSound == false)
        {
            return new Judgement(JudgeVerdict.Revert, errors);
        }

        bool? areQuick = AreQuick(figures.OldWarm.Response, figures.NewWarm.Response, out string times);
        if (areQuick == false)
        {
            return new Judgement(JudgeVerdict.Revert, times);
        }

        if (fresh >= NewAtLeast && More(RefusedPoints, old, figures.Old.ClientErrors).Accepts(fresh, figures.New.ClientErrors) == false)
        {
            return new Judgement(JudgeVerdict.Pause, Compared("4xx", fresh, figures.New.ClientErrors, old, figures.Old.ClientErrors));
        }

        return areSound == true && areQuick == true ? new Judgement(JudgeVerdict.Pass, $"{errors}; {times}")
            : new Judgement(JudgeVerdict.Undecided, $"not enough to tell yet: {(areSound is null ? errors : times)}");
    }

    // By the highest of the histogram's bounds that says something: what nearly all of the old ones' times lie below says nothing if both are below it.
    private static bool? AreQuick(in Histogram old, in Histogram fresh, out string words)
    {
        long oldCount = old.Count, freshCount = fresh.Count;
        if (oldCount < OldAtLeast || freshCount < NewAtLeast)
        {
            words = $"response times of {Number(freshCount)} requests of the new ones (of {NewAtLeast}), {Number(oldCount)} of the old ones (of {OldAtLeast})";
            return null;
        }

        long above = oldCount;
        for (int bucket = 0; bucket < Histogram.Bounds; bucket++)
        {
            above -= old[bucket];
            if (above <= SlowAtMost * oldCount && Histogram.BoundSeconds(bucket) >= SlowSeconds)
            {
                long slow = freshCount;
                for (int below = 0; below <= bucket; below++)
                {
                    slow -= fresh[below];
                }

                words = Compared($"slower than {Time(Histogram.BoundSeconds(bucket))}", freshCount, slow, oldCount, above);
                return Twice(0, SlowPoints, oldCount, above).Accepts(freshCount, slow);
            }
        }

        words = $"more than a quarter of the old ones' responses take longer than {Time(Histogram.BoundSeconds(Histogram.Bounds - 1))}";
        return null;
    }

    private static SequentialTest Twice(double atLeast, double points, long old, long hits)
    {
        double expected = Math.Max(atLeast, Share(old, hits));
        return Against(expected, Math.Max(2 * expected, expected + points));
    }

    private static SequentialTest More(double points, long old, long hits)
    {
        double expected = Share(old, hits);
        return Against(expected, expected + points);
    }

    // One more than there were, and one standard deviation of that: nobody knows that a share is nothing, and what is expected is itself an estimate. Without
    // the deviation, three to four times as many equal replicas are taken for worse ones.
    private static double Share(long count, long hits)
    {
        double more = hits + 1.0;
        return Math.Min((more + Math.Sqrt(more)) / (count + 1.0), count < KnownAtLeast ? 0.5 : 0.999);
    }

    // Where half of all is expected, twice of that is no share.
    private static SequentialTest Against(double expected, double rejected) => new(expected, Math.Min(rejected, (1 + expected) / 2));

    private static string Compared(string what, long fresh, long freshHits, long old, long oldHits) =>
        $"{what}: {Number(freshHits)} of {Number(fresh)} requests of the new ones, {Number(oldHits)} of {Number(old)} of the old ones";

    private static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    private static string Time(double seconds) =>
        seconds < 1 ? $"{(seconds * 1000).ToString("0.###", CultureInfo.InvariantCulture)} ms" : $"{seconds.ToString("0.#", CultureInfo.InvariantCulture)} s";
}
