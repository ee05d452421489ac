using System.Numerics;
using System.Runtime.CompilerServices;

namespace Edge.Telemetry;

/// <summary>
/// Counts how many times lie between two bounds. The bounds double, from 128 µs to 16.8 s, so the bucket of a time is found by counting leading
/// zeros. One thread adds; others may read a copy at any time.
/// </summary>
internal struct Histogram
{
    /// <summary>The number of bounds; one more bucket takes the times above the last one.</summary>
    internal const int Bounds = 18;

    private const int FirstBoundBits = 7;

    private Buckets _buckets;

    /// <summary>All times together, in nanoseconds.</summary>
    internal long Sum;

    /// <summary>Counts one time, in nanoseconds; a negative time counts as zero.</summary>
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

    /// <summary>The upper bound of a bucket, in seconds; it belongs to the bucket.</summary>
    internal static double BoundSeconds(int bucket) => (1L << (FirstBoundBits + bucket)) / 1e6;

    /// <summary>
    /// The time below which a share of all times lies, in seconds. Exact to the bucket; inside a bucket the times are taken as evenly spread. Null if
    /// there are none. A time above the last bound is reported as that bound.
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
