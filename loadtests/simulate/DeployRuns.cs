using Edge.Fleet;
using Edge.Routing;
using Edge.Telemetry;

namespace Edge.Simulate;

/// <summary>
/// Simulates deploys: steady traffic, a tenth of it to new replicas, and the balancer's own judge, which looks once a second. Response times are
/// lognormal, and their middle is another one in each deploy: somewhere in one doubling, so that no case depends on where the bounds of the histogram lie.
/// </summary>
internal static class DeployRuns
{
    /// <summary>How many deploys of each kind.</summary>
    internal const int Deploys = 10_000;

    /// <summary>The judge's time if no option says otherwise (Edge:Deploy:Judge), in seconds.</summary>
    internal const int JudgeSeconds = 60;

    // Undecided deploys are followed for longer, so that it is known what would have come of them.
    private const int SecondsAtMost = 3600;
    private const long RequestsAtMost = 5_000;

    private const double Share = 0.1;
    private const double Sigma = 0.6;
    private const double MiddleSeconds = 0.008;

    // Flagger: the success rate of each minute is at least 99 %, or the check has failed; two failed ones are too many. Ten minutes of it.
    private const double FlaggerSuccess = 0.99;
    private const int FlaggerFailures = 2;
    private const int FlaggerChecks = 10;

    internal static readonly DeployCase[] Cases =
    [
        new("fails everything", 0, 1),
        new("fails 5 %", 0, 0.05),
        new("fails 2 %", 0, 0.02),
        new("fails 5 %, the old ones 1 %", 0.01, 0.05),
        new("3 × slower", 0, 0, 3),
        new("2 × slower", 0, 0, 2),
        new("1.25 × slower", 0, 0, 1.25),
        new("as good, without errors", 0, 0),
        new("as good, both fail 1 %", 0.01, 0.01),
        new("as good, both fail 5 %", 0.05, 0.05),
        new("as good, both fail 20 %", 0.2, 0.2),
    ];

    internal static readonly int[] Rates = [5, 50, 500];

    /// <summary>All cases at all rates.</summary>
    /// <param name="deploys">How many of each.</param>
    internal static DeployResult[] RunAll(int deploys) =>
        [.. Cases.SelectMany(one => Rates.Select(rate => (one, rate))).AsParallel().AsOrdered().Select(row => Run(row.one, row.rate, deploys))];

    /// <summary>One case at one rate: the same ends each time, and the first ones the same for any number of deploys.</summary>
    internal static DeployResult Run(DeployCase one, int rate, int deploys)
    {
        var ends = new DeployEnd[deploys];
        var flagger = new int?[deploys];
        ulong row = (ulong)Array.IndexOf(Cases, one) << 48 | (ulong)rate << 32;
        for (int i = 0; i < deploys; i++)
        {
            ends[i] = Run(one, rate, new Chance(row | (uint)i));
            flagger[i] = Flagger(one, rate, new Chance(~(row | (uint)i)));
        }

        return new DeployResult(one, rate, ends, flagger);
    }

    private static DeployEnd Run(DeployCase one, int rate, Chance chance)
    {
        double middle = MiddleSeconds * Math.Pow(2, chance.Share());
        uint[] old = Buckets(middle), fresh = Buckets(middle * one.Slower);
        var figures = new CanaryFigures(loops: 1);
        for (int second = 1; ; second++)
        {
            for (int i = 0; i < rate; i++)
            {
                bool isNew = chance.Is(Share);
                ref CanaryCounters counters = ref figures.Of(0, isNew ? CanarySide.New : CanarySide.Old);
                counters.Attempts++;
                if (chance.Is(isNew ? one.NewErrors : one.OldErrors))
                {
                    counters.Errors++;
                }
                else
                {
                    counters.Response.Add(Time(isNew ? fresh : old, chance.Bits()));
                }
            }

            JudgeFigures now = JudgeFigures.Read(figures);
            JudgeVerdict verdict = Judge.Decide(now).Verdict;
            if (verdict != JudgeVerdict.Undecided || second >= SecondsAtMost || now.New.Attempts >= RequestsAtMost)
            {
                return new DeployEnd(verdict, second, now.New.Attempts);
            }
        }
    }

    // Of 2^32 responses, how many lie in each bucket of the histogram or below.
    private static uint[] Buckets(double middle) =>
        [.. Enumerable.Range(0, Histogram.Bounds).Select(i => (uint)(uint.MaxValue * Normal(Math.Log(Histogram.BoundSeconds(i) / middle) / Sigma)))];

    // A time in the bucket that chance has chosen, in nanoseconds.
    private static long Time(uint[] buckets, uint bits)
    {
        int bucket = 0;
        while (bucket < buckets.Length && bits > buckets[bucket])
        {
            bucket++;
        }

        return bucket == buckets.Length ? long.MaxValue / 1_000_000 : (long)(Histogram.BoundSeconds(bucket) * 1e9);
    }

    // The distribution function of the normal distribution (Abramowitz and Stegun 26.2.17; wrong by 7.5e-8 at most).
    private static double Normal(double x)
    {
        double t = 1 / (1 + 0.2316419 * Math.Abs(x));
        double tail = Math.Exp(-x * x / 2) / Math.Sqrt(2 * Math.PI)
            * t * (0.319381530 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
        return x >= 0 ? 1 - tail : tail;
    }

    private static int? Flagger(DeployCase one, int rate, Chance chance)
    {
        int requests = (int)(rate * 60 * Share);
        for (int check = 1, failed = 0; check <= FlaggerChecks; check++)
        {
            failed += chance.Hits(requests, one.NewErrors) > (1 - FlaggerSuccess) * requests ? 1 : 0;
            if (failed == FlaggerFailures)
            {
                return check * 60;
            }
        }

        return null;
    }
}
