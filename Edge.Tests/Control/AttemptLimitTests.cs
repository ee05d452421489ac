using System.Net;
using Edge.Config;
using Edge.Control;
using Edge.Tests.Fleet;

namespace Edge.Tests.Control;

public sealed class AttemptLimitTests
{
    private readonly FakeTime _time = new(new Journal());

    [Theory]
    [InlineData("192.0.2.1", "192.0.2.2", false)]
    [InlineData("192.0.2.1", "::ffff:192.0.2.1", true)]
    [InlineData("2001:db8::1", "2001:db8::ffff:1", true)]
    [InlineData("2001:db8::1", "2001:db8:0:1::1", false)]
    public void Those_that_count_together_wait_together(string guesses, string other, bool together)
    {
        var limit = new AttemptLimit(_time);
        Guess(limit, guesses, Limits.AttemptsInARow);
        Assert.Equal(Limits.AttemptPauseSeconds, limit.WaitSeconds(IPAddress.Parse(guesses)));
        Assert.Equal(together ? Limits.AttemptPauseSeconds : 0, limit.WaitSeconds(IPAddress.Parse(other)));
    }

    [Fact]
    public void An_address_is_as_good_as_new_after_a_while()
    {
        var limit = new AttemptLimit(_time);
        Guess(limit, "192.0.2.1", Limits.AttemptsInARow);
        _time.Advance(TimeSpan.FromSeconds(Limits.AttemptsInARow * Limits.AttemptPauseSeconds));
        Guess(limit, "192.0.2.1", Limits.AttemptsInARow - 1);
        Assert.Equal(0, limit.WaitSeconds(IPAddress.Parse("192.0.2.1")));
        Guess(limit, "192.0.2.1", 1);
        Assert.NotEqual(0, limit.WaitSeconds(IPAddress.Parse("192.0.2.1")));
    }

    [Fact]
    public void The_table_is_bounded_and_those_that_do_not_fit_in_count_together()
    {
        var limit = new AttemptLimit(_time);
        for (int i = 0; i < Limits.AttemptAddresses; i++)
        {
            limit.Note(Address(i));
        }

        for (int i = 0; i < 10_000; i++)
        {
            limit.Note(Address(Limits.AttemptAddresses + i));
        }

        Assert.Equal(Limits.AttemptAddresses + 1, limit.Count);
        Assert.Equal(0, limit.WaitSeconds(Address(0)));
        Assert.NotEqual(0, limit.WaitSeconds(Address(Limits.AttemptAddresses)));
        Assert.NotEqual(0, limit.WaitSeconds(Address(1_000_000)));

        // Those that have not tried for a while make room again.
        _time.Advance(TimeSpan.FromDays(1));
        limit.Note(Address(7));
        Assert.Equal(1, limit.Count);
        Assert.Equal(0, limit.WaitSeconds(Address(1_000_000)));
    }

    private static void Guess(AttemptLimit limit, string address, int times)
    {
        for (int i = 0; i < times; i++)
        {
            Assert.Equal(0, limit.WaitSeconds(IPAddress.Parse(address)));
            limit.Note(IPAddress.Parse(address));
        }
    }

    private static IPAddress Address(int number) => new([10, (byte)(number >> 16), (byte)(number >> 8), (byte)number]);
}
