using Edge.Fleet;

namespace Edge.Tests.Fleet;

public sealed class BackoffTests
{
    [Fact]
    public void The_longest_pause_doubles_up_to_its_cap()
    {
        double[] seconds = [.. Enumerable.Range(1, 9).Select(failures => Backoff.Bound(failures).TotalSeconds)];
        Assert.Equal([0.5, 1, 2, 4, 8, 16, 30, 30, 30], seconds);
        Assert.Equal(Backoff.Cap, Backoff.Bound(int.MaxValue));
    }

    [Fact]
    public void Pauses_are_spread_from_zero_up_to_the_longest_one()
    {
        var random = new Random(7);
        TimeSpan[] waits = [.. Enumerable.Range(0, 1000).Select(_ => Backoff.Next(5, random))];
        Assert.All(waits, wait => Assert.InRange(wait.TotalSeconds, 0.05, 8));
        Assert.Contains(waits, wait => wait.TotalSeconds < 0.8);
        Assert.Contains(waits, wait => wait.TotalSeconds > 7.2);
    }
}
