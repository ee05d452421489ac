using Edge.Routing;

namespace Edge.Tests.Routing;

public class WeightedSequenceTests
{
    // nginx's ngx_http_upstream_get_peer, to the letter and for any number of turns: no period, no common divisor.
    private static int[] Reference(int[] weights, int turns)
    {
        int[] current = new int[weights.Length];
        int[] picks = new int[turns];
        for (int turn = 0; turn < turns; turn++)
        {
            int best = -1, total = 0;
            for (int i = 0; i < weights.Length; i++)
            {
                current[i] += weights[i];
                total += weights[i];
                if (best < 0 || current[i] > current[best])
                {
                    best = i;
                }
            }

            current[best] -= total;
            picks[turn] = best;
        }

        return picks;
    }

    private static int[] RandomWeights(Random random, int countAtMost, int weightAtMost)
    {
        int[] weights = new int[random.Next(1, countAtMost + 1)];
        int factor = random.Next(1, 4);
        for (int i = 0; i < weights.Length; i++)
        {
            weights[i] = factor * random.Next(1, weightAtMost + 1);
        }

        return weights;
    }

    private static string Letters(params int[] weights) =>
        string.Join(' ', WeightedSequence.Compile(weights).Select(i => (char)('a' + i)));

    [Theory]
    [InlineData("a a b a c a a", 5, 1, 1)]
    [InlineData("a", 1)]
    [InlineData("a", 256)]
    [InlineData("a b c", 1, 1, 1)]
    [InlineData("a b c", 7, 7, 7)]
    [InlineData("a b a", 2, 1)]
    [InlineData("b a b", 1, 2)]
    [InlineData("a b a c a", 3, 1, 1)]
    public void The_order_is_smooth_and_ties_go_to_the_first(string expected, params int[] weights) =>
        Assert.Equal(expected, Letters(weights));

    [Fact]
    public void No_weights_give_no_sequence() => Assert.Empty(WeightedSequence.Compile([]));

    [Fact]
    public void A_common_divisor_is_taken_out()
    {
        Assert.Equal(WeightedSequence.Compile([5, 1, 1]), WeightedSequence.Compile([50, 10, 10]));
        Assert.Equal(WeightedSequence.Compile([2, 3]), WeightedSequence.Compile([4, 6]));
        Assert.Equal(3, WeightedSequence.Compile([256, 128]).Length);
        Assert.Equal(256 + 255, WeightedSequence.Compile([256, 255]).Length);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(int.MinValue)]
    public void A_weight_below_one_is_refused(int weight)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => WeightedSequence.Compile([weight]));
        Assert.Throws<ArgumentOutOfRangeException>(() => WeightedSequence.Compile([3, weight, 1]));
    }

    [Theory]
    [InlineData(256)]
    [InlineData(257)]
    [InlineData(1024)]
    public void Many_weights_have_exact_shares_too(int count)
    {
        int[] weights = [.. Enumerable.Range(0, count).Select(i => 1 + i % 3)];
        ushort[] sequence = WeightedSequence.Compile(weights);
        Assert.Equal(weights.Sum(), sequence.Length);
        int[] shares = new int[count];
        foreach (ushort index in sequence)
        {
            shares[index]++;
        }

        Assert.Equal(weights, shares);
    }

    [Fact]
    public void Any_weights_have_exact_shares_and_the_order_of_nginx()
    {
        var random = new Random(1);
        for (int round = 0; round < 400; round++)
        {
            int[] weights = RandomWeights(random, 12, 30);
            int divisor = weights.Aggregate((a, b) => (int)System.Numerics.BigInteger.GreatestCommonDivisor(a, b));
            ushort[] sequence = WeightedSequence.Compile(weights);
            Assert.Equal(weights.Sum() / divisor, sequence.Length);
            for (int i = 0; i < weights.Length; i++)
            {
                Assert.Equal(weights[i] / divisor, sequence.Count(s => s == i));
            }

            // Two periods: the second begins as the first one did.
            int[] twice = Reference(weights, 2 * sequence.Length);
            Assert.Equal(twice, sequence.Concat(sequence).Select(s => (int)s));
        }
    }

    [Fact]
    public void At_any_moment_each_replica_has_had_about_its_share()
    {
        var random = new Random(2);
        for (int round = 0; round < 60; round++)
        {
            int[] weights = RandomWeights(random, 8, 12);
            double sum = weights.Sum();
            ushort[] sequence = WeightedSequence.Compile(weights);

            // A plain repetition of the heaviest would be off by its weight; this order is off by a request or two.
            for (int i = 0; i < weights.Length; i++)
            {
                double lowest = 0, highest = 0, balance = 0;
                for (int turn = 0; turn < 2 * sequence.Length; turn++)
                {
                    balance += (sequence[turn % sequence.Length] == i ? 1 : 0) - weights[i] / sum;
                    lowest = Math.Min(lowest, balance);
                    highest = Math.Max(highest, balance);
                }

                // The balance after a prefix; a window, also one across the period's end, is the difference of two.
                string what = $"{i} of {string.Join(',', weights)}";
                Assert.True(lowest > -2 && highest < 2, $"prefixes of {what}: {lowest} to {highest}");
                Assert.True(highest - lowest < 3, $"windows of {what}: {highest - lowest}");
            }
        }
    }
}
