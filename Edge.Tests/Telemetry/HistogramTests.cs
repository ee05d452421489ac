using Edge.Telemetry;

namespace Edge.Tests.Telemetry;

public sealed class HistogramTests
{
    private const long Microsecond = 1000;

    [Theory]
    [InlineData(-5, 0)]
    [InlineData(0, 0)]
    [InlineData(128, 0)]
    [InlineData(129, 1)]
    [InlineData(256, 1)]
    [InlineData(257, 2)]
    [InlineData(1 << 24, 17)]
    [InlineData((1 << 24) + 1, 18)]
    [InlineData(1 << 30, 18)]
    public void A_time_is_in_the_bucket_whose_bound_it_does_not_exceed(long microseconds, int bucket)
    {
        var histogram = new Histogram();
        histogram.Add(microseconds * Microsecond);
        Assert.Equal(1, histogram[bucket]);
        Assert.Equal(1, histogram.Count);
        Assert.True(bucket == Histogram.Bounds || microseconds / 1e6 <= Histogram.BoundSeconds(bucket));
        Assert.True(bucket == 0 || microseconds / 1e6 > Histogram.BoundSeconds(bucket - 1));
    }

    [Fact]
    public void A_quantile_is_exact_to_the_bucket()
    {
        var histogram = new Histogram();
        Assert.Null(histogram.Quantile(0.5));
        for (int i = 0; i < 90; i++)
        {
            histogram.Add(200 * Microsecond);
        }

        for (int i = 0; i < 10; i++)
        {
            histogram.Add(3000 * Microsecond);
        }

        Assert.InRange(histogram.Quantile(0.5)!.Value, 0.000128, 0.000256);
        Assert.Equal(0.000256, histogram.Quantile(0.9)!.Value, 6);
        Assert.InRange(histogram.Quantile(0.99)!.Value, 0.002048, 0.004096);
        Assert.Equal((90 * 200 + 10 * 3000) * Microsecond, histogram.Sum);
    }

    [Fact]
    public void The_difference_of_two_readings_is_what_came_between_them()
    {
        var histogram = new Histogram();
        histogram.Add(100 * Microsecond);
        Histogram earlier = histogram;
        histogram.Add(1000 * Microsecond);
        Histogram since = histogram.Since(earlier);
        Assert.Equal((1, 1000 * Microsecond, 0, 1), (since.Count, since.Sum, since[0], since[3]));
    }

    [Fact]
    public void Blocks_are_summed_number_by_number()
    {
        LoopCounters one = default, sum = default;
        one.Requests.Begun = 3;
        one.Requests.Ended = 2;
        one.Turn.Add(5);
        one.LinesDropped = 7;
        Counters.AddTo(ref one, ref sum);
        Counters.AddTo(ref one, ref sum);
        Assert.Equal((6, 4, 2), (sum.Requests.Begun, sum.Requests.Ended, sum.Requests.InFlight));
        Assert.Equal((2, 10, 14), (sum.Turn.Count, sum.Turn.Sum, sum.LinesDropped));
    }
}
