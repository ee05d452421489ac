using Edge.Certificates;

namespace Edge.Tests.Certificates;

public sealed class RenewalsTests
{
    private static readonly DateTimeOffset s_from = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(90, 0, 60)]
    [InlineData(90, 0.5, 63)]
    [InlineData(90, 1, 66)]
    [InlineData(6, 0, 4)]
    [InlineData(6, 1, 4.4)]
    [InlineData(47, 0, 31.333333)]
    public void Without_advice_it_is_the_beginning_of_the_last_third(double life, double spread, double due) =>
        Assert.Equal(due, (Renewals.Due(s_from, s_from.AddDays(life), null, spread) - s_from).TotalDays, 5);

    // The last two: a window too late for a second attempt, and one that is always in the past.
    [Theory]
    [InlineData(10, 20, 0, 10)]
    [InlineData(10, 20, 0.25, 12.5)]
    [InlineData(10, 10, 0.25, 10)]
    [InlineData(95, 99, 0, 81)]
    [InlineData(-5, -4, 0.5, 0.9)]
    public void The_authority_says_when(double start, double end, double spread, double due) =>
        Assert.Equal(due, (Renewals.Due(s_from, s_from.AddDays(90), new(s_from.AddDays(start), s_from.AddDays(end)), spread) - s_from).TotalDays, 5);

    [Fact]
    public void A_window_that_ends_before_it_begins_is_none() =>
        Assert.Equal(60, (Renewals.Due(s_from, s_from.AddDays(90), new(s_from.AddDays(3), s_from.AddDays(2)), 0) - s_from).TotalDays);

    [Theory]
    [InlineData("00", 0)]
    [InlineData("ffffffff80000000", 0.5)]
    [InlineData("c0000000", 0.75)]
    [InlineData("01ffffffff", 0.9999999997671694)]
    public void Certificates_are_spread_by_their_numbers(string serial, double spread) => Assert.Equal(spread, Renewals.SpreadOf(serial), 12);

    [Fact]
    public void Pauses_of_a_name_grow_up_to_12_hours_and_to_a_week_after_30_days()
    {
        FailureRecord? failures = null;
        DateTimeOffset now = s_from;
        var minutes = new List<double>();
        while (now < s_from.AddDays(32))
        {
            failures = Renewals.AfterFailure(failures, now, null, "why", 0);
            minutes.Add((failures.RetryAt - now).TotalMinutes);
            now = failures.RetryAt;
        }

        Assert.Equal([5, 10, 20, 40, 80, 160, 320, 640, 720], minutes.Take(9));
        Assert.All(minutes.Skip(8).SkipLast(1), pause => Assert.Equal(720, pause));
        Assert.Equal(TimeSpan.FromDays(7).TotalMinutes, minutes[^1]);
        Assert.Equal((s_from, minutes.Count), (failures!.First, failures.Count));
    }

    [Theory]
    [InlineData(null, 0, 5)]
    [InlineData(null, 1, 5.5)]
    [InlineData(1.0, 0, 5)]
    [InlineData(60.0, 1, 60)]
    public void A_pause_is_never_shorter_than_the_authority_asks(double? asked, double jitter, double minutes)
    {
        TimeSpan? retryAfter = asked is { } a ? TimeSpan.FromMinutes(a) : null;
        Assert.Equal(minutes, (Renewals.AfterFailure(null, s_from, retryAfter, "why", jitter).RetryAt - s_from).TotalMinutes, 6);
    }

    [Theory]
    [InlineData(1, null, 30)]
    [InlineData(2, null, 60)]
    [InlineData(7, null, 1920)]
    [InlineData(8, null, 3600)]
    [InlineData(1000, null, 3600)]
    [InlineData(1, 7200, 7200)]
    public void Pauses_after_outages_grow_up_to_an_hour(int outages, int? asked, double seconds) =>
        Assert.Equal(seconds, Renewals.PauseAfterOutage(outages, asked is { } a ? TimeSpan.FromSeconds(a) : null).TotalSeconds);

    [Theory]
    [InlineData(null, 21600)]
    [InlineData(1, 60)]
    [InlineData(7200, 7200)]
    [InlineData(10000000, 86400)]
    public void The_authority_is_asked_again_when_it_says_within_bounds(int? asked, double seconds) =>
        Assert.Equal(seconds, (Renewals.NextWindowCheck(s_from, asked is { } a ? TimeSpan.FromSeconds(a) : null) - s_from).TotalSeconds);
}
