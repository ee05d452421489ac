using System.Numerics;
using System.Runtime.CompilerServices;

namespace Edge.Telemetry;

/// <summary>
/// How often a time fell between which bounds. The bounds double, from 128 µs to 16.8 s, so that the place of a time is found
/// by counting leading zeros. One thread adds; others may read a copy at any time.
/// </summary>
internal struct Histogram
{
    /// <summary>Bounds; one more bucket takes what is above the last.</summary>
    internal const int Bounds = 18;

    private const int FirstBoundBits = 7;

    private Buckets _buckets;

    /// <summary>All times together, in nanoseconds.</summary>
    internal long Sum;

    /// <summary>Counts one time, in nanoseconds; what is below zero counts as zero.</summary>
    internal void Add(long nanoseconds)
    {
        nanoseconds = Math.Max(nanoseconds, 0);
        _buckets[PlaceOf((ulong)nanoseconds / 1000)]++;
        Sum += nanoseconds;
    }

    /// <summary>How many times lie in a bucket; not cumulative.</summary>
    internal readonly long this[int bucket] => _buckets[bucket];

    internal readonly long Count
    {
        get
        {
            long count = 0;
            foreach (long bucket in (ReadOnlySpan<long>)_buckets)
            {
                count += bucket;
            }

            return count;
        }
    }

    /// <summary>The upper bound of a bucket, which it includes, in seconds.</summary>
    internal static double BoundSeconds(int bucket) => (1L << (FirstBoundBits + bucket)) / 1e6;

    /// <summary>
    /// The time below which a share of all times lie, in seconds: exact to the bucket, and inside of it as if they were spread
    /// evenly. Null where there are none. What lies above the last bound is told as that bound.
    /// </summary>
    /// <param name="share">0 to 1.</param>
    internal readonly double? Quantile(double share)
    {
        double rank = Count * share;
        if (Count == 0)
        {
            return null;
        }

        long below = 0;
        for (int bucket = 0; bucket < Bounds; bucket++)
        {
            long here = _buckets[bucket];
            if (here > 0 && below + here >= rank)
            {
                double from = bucket == 0 ? 0 : BoundSeconds(bucket - 1);
                return from + (BoundSeconds(bucket) - from) * Math.Max(0, rank - below) / here;
            }

            below += here;
        }

        return BoundSeconds(Bounds - 1);
    }

    /// <summary>What was added since an earlier copy of the same.</summary>
    internal readonly Histogram Since(in Histogram earlier)
    {
        var difference = new Histogram { Sum = Sum - earlier.Sum };
        for (int bucket = 0; bucket <= Bounds; bucket++)
        {
            difference._buckets[bucket] = _buckets[bucket] - earlier._buckets[bucket];
        }

        return difference;
    }

    private static int PlaceOf(ulong microseconds) =>
        microseconds <= 1 << FirstBoundBits ? 0 : Math.Min(Bounds, 64 - FirstBoundBits - BitOperations.LeadingZeroCount(microseconds - 1));

    [InlineArray(Bounds + 1)]
    private struct Buckets
    {
        private long _first;
    }
}
