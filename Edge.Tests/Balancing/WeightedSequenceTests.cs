using Edge.Balancing;

namespace Edge.Tests.Balancing;

public class WeightedSequenceTests
{
    [Theory]
    [InlineData(new[] { 5, 1, 1 }, "aabacaa")]
    [InlineData(new[] { 1, 1, 1 }, "abc")]
    [InlineData(new[] { 4, 4 }, "ab")]
    [InlineData(new[] { 2, 4 }, "bab")]
    [InlineData(new[] { 3, 2, 1 }, "abacba")]
    [InlineData(new[] { 7 }, "a")]
    [InlineData(new int[0], "")]
    public void The_order_is_that_of_smooth_round_robin(int[] weights, string order) =>
        Assert.Equal(order, string.Concat(WeightedSequence.Compile(weights).Select(i => (char)('a' + i))));

    [Fact]
    public void Shares_are_exact_and_spread_evenly()
    {
        int seed = Environment.TickCount;
        var random = new Random(seed);
        for (int round = 0; round < 200; round++)
        {
            int[] weights = [.. Enumerable.Range(0, random.Next(1, 12)).Select(_ => random.Next(1, 20))];
            ushort[] sequence = WeightedSequence.Compile(weights);
            int[] counts = new int[weights.Length];
            for (int turn = 0; turn < sequence.Length; turn++)
            {
                counts[sequence[turn]]++;
                for (int i = 0; i < weights.Length; i++)
                {
                    // No replica is ever ahead of or behind its share by as much as smooth round robin allows.
                    double share = (double)(turn + 1) * weights[i] / weights.Sum();
                    Assert.True(Math.Abs(counts[i] - share) < Math.Max(1.5, weights.Length / 2.0), $"seed {seed}: {string.Join(',', weights)} at {turn}");
                }
            }

            int period = weights.Sum() / sequence.Length;
            Assert.All(counts.Select((n, i) => (n, i)), c => Assert.Equal(weights[c.i], c.n * period));
        }
    }

    [Fact]
    public void A_weight_below_one_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => WeightedSequence.Compile([1, 0]));
}
