using Edge.Proxy;

namespace Edge.Tests.Proxy;

/// <summary>What a pool makes of when its replica closes connections.</summary>
public sealed class KeepAliveLessonTests
{
    private const long Now = 1_000_000;

    [Theory]
    [InlineData(250, 187)]
    [InlineData(2_000, 1_500)]
    public void A_connection_is_kept_three_quarters_of_what_the_replica_was_seen_to_keep_one(long idle, long kept)
    {
        var lessons = KeepAlive.Unknown;
        lessons.OnClosedIdle(idle, Now);
        Assert.Equal((kept, kept), (lessons.At(Now), lessons.At(Now + 1_000_000)));
    }

    [Theory]
    [InlineData(0, 10)]
    [InlineData(20, 15)]
    [InlineData(200, 150)]
    [InlineData(249, 186)]
    public void A_close_within_a_quarter_of_a_second_is_remembered_for_ten_seconds(long idle, long kept)
    {
        var lessons = KeepAlive.Unknown;
        lessons.OnClosedIdle(idle, Now);
        Assert.Equal(kept, lessons.At(Now));
        Assert.Equal(kept, lessons.At(Now + 9_999));
        Assert.Equal(long.MaxValue, lessons.At(Now + 10_000));
    }

    [Fact]
    public void The_shortest_keep_alive_time_that_was_seen_counts()
    {
        var lessons = KeepAlive.Unknown;
        lessons.OnClosedIdle(2_000, Now);
        lessons.OnClosedIdle(4_000, Now);
        Assert.Equal(1_500, lessons.At(Now));
        lessons.OnClosedIdle(200, Now);
        lessons.OnReused();
        Assert.Equal(150, lessons.At(Now));
        Assert.Equal(1_500, lessons.At(Now + 10_000));
    }

    [Fact]
    public void One_dead_connection_may_be_chance_and_two_in_a_row_are_not()
    {
        var lessons = KeepAlive.Unknown;
        lessons.OnDied(Now);
        Assert.Equal(long.MaxValue, lessons.At(Now));
        lessons.OnReused();
        lessons.OnDied(Now);
        Assert.Equal(long.MaxValue, lessons.At(Now));
        lessons.OnDied(Now);
        Assert.Equal(0, lessons.At(Now + 99));
        Assert.Equal(long.MaxValue, lessons.At(Now + 100));
    }

    [Fact]
    public void Pauses_become_longer_until_a_connection_is_seen_to_be_kept()
    {
        var lessons = KeepAlive.Unknown;
        lessons.OnDied(Now);
        long now = Now;
        foreach (long pause in new long[] { 100, 200, 400, 800, 1_600, 3_200, 6_400, 10_000, 10_000 })
        {
            // Those that end together are one time.
            lessons.OnDied(now);
            lessons.OnDied(now);
            Assert.Equal((0, long.MaxValue), (lessons.At(now + pause - 1), lessons.At(now + pause)));
            now += pause;
        }

        lessons.OnReused();
        lessons.OnDied(now);
        Assert.Equal(long.MaxValue, lessons.At(now));
        lessons.OnDied(now);
        Assert.Equal((0, long.MaxValue), (lessons.At(now + 99), lessons.At(now + 100)));
    }
}
