using System.Net;
using Edge.Config;
using Edge.Io;
using Edge.Proxy;
using Edge.Tests.Backends;

namespace Edge.Tests.Proxy;

/// <summary>The rate of each client: what is admitted, whose requests count together, and what happens where there are more clients than places.</summary>
public sealed class ClientRatesTests
{
    private const long Second = 1_000_000_000;

    private readonly ClientRates _rates = new();

    public ClientRatesTests() => _rates.Prepare();

    private ulong KeyOf(string address, int purpose = 0) => _rates.KeyOf(PeerAddress.From(IPAddress.Parse(address)), purpose);

    [Theory]
    [InlineData(1, 1, 11)]
    [InlineData(10, 1, 12)]
    [InlineData(10, 25, 13)]
    [InlineData(7, 3, 14)]
    public void It_admits_what_a_bucket_of_tokens_does(int rate, int burst, int seed)
    {
        var random = new Random(seed);
        long interval = Second / rate, now = Second, level = burst * interval, before = now;
        int admitted = 0;
        for (int i = 0; i < 20_000; i++)
        {
            now += random.Next(4) switch { 0 => 0, 1 => random.NextInt64(interval), 2 => interval, _ => random.NextInt64(interval / 4) };
            if (random.Next(500) == 0)
            {
                now += 2 * burst * interval;
            }

            level = Math.Min(burst * interval, level + now - before);
            before = now;
            bool expected = level >= interval;
            level -= expected ? interval : 0;
            admitted += expected ? 1 : 0;
            Assert.Equal(expected, _rates.TryTake(KeyOf("192.0.2.1"), now, interval, interval * (burst - 1)));
        }

        Assert.InRange(admitted, 1, 19_999);
    }

    [Theory]
    [InlineData("192.0.2.1", "192.0.2.2", false)]
    [InlineData("192.0.2.1", "::ffff:192.0.2.1", true)]
    [InlineData("2001:db8:0:1::1", "2001:db8:0:1:ffff::2", true)]
    [InlineData("2001:db8:0:1::1", "2001:db8:0:2::1", false)]
    [InlineData("127.0.0.1", "::1", false)]
    public void All_of_a_64_of_IPv6_is_one_client(string one, string other, bool isSame) => Assert.Equal(isSame, KeyOf(one) == KeyOf(other));

    [Fact]
    public void What_is_counted_for_one_purpose_is_not_for_another()
    {
        Assert.True(_rates.TryTake(KeyOf("192.0.2.1", 1), Second, Second, 0));
        Assert.False(_rates.MayTake(KeyOf("192.0.2.1", 1), Second, 0));
        Assert.True(_rates.MayTake(KeyOf("192.0.2.1", 2), Second, 0));
        Assert.True(_rates.MayTake(KeyOf("192.0.2.1", 1), 2 * Second, 0));
    }

    [Fact]
    public async Task Several_loops_together_admit_not_one_more()
    {
        const int Burst = 50_000;
        ulong key = KeyOf("192.0.2.1");
        int[] admitted = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
            Enumerable.Range(0, Burst).Count(_ => _rates.TryTake(key, Second, 1000, 1000L * (Burst - 1))))));
        Assert.Equal(Burst, admitted.Sum());
    }

    /// <summary>Five times as many as there are places, twice; a client that is far ahead stays known through all of them.</summary>
    [Fact]
    public void A_flood_of_addresses_lets_nobody_off_who_is_at_the_limit()
    {
        ulong greedy = KeyOf("192.0.2.1");
        for (int i = 0; i < 100; i++)
        {
            Assert.True(_rates.TryTake(greedy, Second, Second, 99 * Second));
        }

        Assert.Equal(0, Allocated.ByEachRun(() =>
        {
            for (uint i = 0; i < 5 * Limits.RateClients; i++)
            {
                ulong key = _rates.KeyOf(PeerAddress.FromIPv4([10, (byte)(i >> 16), (byte)(i >> 8), (byte)i]), 0);
                Assert.True(_rates.TryTake(key, Second, Second, 99 * Second));
            }
        }));
        Assert.False(_rates.TryTake(greedy, Second, Second, 99 * Second));
    }
}
