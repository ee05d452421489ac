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

    /// <summary>What the figures say now, with the reason.</summary>
    internal static Judgement Decide(in JudgeFigures figures)
    {
        JudgeVerdict verdict = VerdictOf(figures);
        string errors = Compared("5xx or no answer", figures.New.Attempts, figures.New.Errors, figures.Old.Attempts, figures.Old.Errors);
        return new Judgement(verdict, verdict switch
        {
            JudgeVerdict.Revert => AreSound(figures) == false ? errors : Times(figures),
            JudgeVerdict.Pause =>
                Compared("4xx", figures.New.Attempts, figures.New.ClientErrors, figures.Old.Attempts, figures.Old.ClientErrors),
            JudgeVerdict.Pass => $"{errors}; {Times(figures)}",
            _ => $"not enough to tell yet: {(AreSound(figures) is null ? errors : Times(figures))}",
        });
    }

    /// <summary>What the figures say now.</summary>
    internal static JudgeVerdict VerdictOf(in JudgeFigures figures)
    {
        bool? areSound = AreSound(figures), areQuick = AreQuick(figures);
        return areSound == false || areQuick == false ? JudgeVerdict.Revert
            : AreRefusing(figures) ? JudgeVerdict.Pause
            : areSound == true && areQuick == true ? JudgeVerdict.Pass : JudgeVerdict.Undecided;
    }

    private static bool? AreSound(in JudgeFigures figures) =>
        Twice(ErrorShareAtLeast, ErrorPoints, figures.Old.Attempts, figures.Old.Errors).Accepts(figures.New.Attempts, figures.New.Errors);

    private static bool AreRefusing(in JudgeFigures figures) => figures.New.Attempts >= NewAtLeast
        && More(RefusedPoints, figures.Old.Attempts, figures.Old.ClientErrors).Accepts(figures.New.Attempts, figures.New.ClientErrors) == false;

    private static bool? AreQuick(in JudgeFigures figures)
    {
        Histogram old = figures.OldWarm.Response, fresh = figures.NewWarm.Response;
        long oldCount = old.Count, freshCount = fresh.Count;
        return freshCount < NewAtLeast || SlowBucket(old, oldCount) is not { } bucket ? null
            : Twice(0, SlowPoints, oldCount, Above(old, oldCount, bucket)).Accepts(freshCount, Above(fresh, freshCount, bucket));
    }

    private static string Times(in JudgeFigures figures)
    {
        Histogram old = figures.OldWarm.Response, fresh = figures.NewWarm.Response;
        long oldCount = old.Count, freshCount = fresh.Count;
        if (oldCount < OldAtLeast || freshCount < NewAtLeast)
        {
            return $"response times of {Number(freshCount)} requests of the new ones (of {NewAtLeast}), {Number(oldCount)} of the old ones (of {OldAtLeast})";
        }

        if (SlowBucket(old, oldCount) is not { } bucket)
        {
            return $"more than a quarter of the old ones' responses take longer than {Time(Histogram.BoundSeconds(Histogram.Bounds - 1))}";
        }

        string slow = $"slower than {Time(Histogram.BoundSeconds(bucket))}";
        return Compared(slow, freshCount, Above(fresh, freshCount, bucket), oldCount, Above(old, oldCount, bucket));
    }

    // The lowest of the histogram's bounds, from SlowSeconds on, that not too many of the old ones' times are above. Null if there are too few times, or they
    // are all too long.
    private static int? SlowBucket(in Histogram old, long count)
    {
        for (int bucket = 0; bucket < Histogram.Bounds && count >= OldAtLeast; bucket++)
        {
            if (Histogram.BoundSeconds(bucket) >= SlowSeconds && Above(old, count, bucket) <= SlowAtMost * count)
            {
                return bucket;
            }
        }

        return null;
    }

    private static long Above(in Histogram times, long count, int bucket)
    {
        for (int below = 0; below <= bucket; below++)
        {
            count -= times[below];
        }

        return count;
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
