using Edge.Fleet;

namespace Edge.Tests.Fleet;

public sealed class HealthTallyTests
{
    private static readonly HealthLimits Limits = new(Rise: 2, Fall: 3, Start: TimeSpan.FromSeconds(6), Patience: TimeSpan.FromSeconds(6));

    // A plus is a passed check, a minus a failed one, every 2 s from 0 on; below each stands the verdict: n(ot yet), P(assed), F(ailed), N(ever
    // well), W(edged).
    [Theory]
    [InlineData(false, "---+", "nnnP")]
    [InlineData(false, "---------+", "nnnNnnNnnP")]
    [InlineData(false, "+--+---", "P.....F")]
    [InlineData(false, "+---+-++", "P..F...P")]
    [InlineData(false, "+---++---", "P..F.P..F")]
    [InlineData(false, "+---------", "P..F..W..W")]
    [InlineData(false, "+---+---+---", "P..F...W...W")]
    [InlineData(false, "+---+--+--+--", "P..F.........")]
    [InlineData(true, "+++", "...")]
    [InlineData(true, "---++", "..F.P")]
    [InlineData(true, "------", "..F..W")]
    public void Verdicts_follow_from_rows_of_checks_and_their_times(bool startsHealthy, string checks, string verdicts)
    {
        var tally = new HealthTally(Limits, startsHealthy, TimeSpan.Zero);
        string told = string.Concat(checks.Select((check, i) => tally.Count(check == '+', TimeSpan.FromSeconds(2 * i)) switch
        {
            HealthVerdict.NotYet => "n",
            { } verdict => verdict.ToString()[..1],
            null => ".",
        }));
        Assert.Equal(verdicts, told);
    }

    [Fact]
    public void A_replica_is_late_from_the_end_of_its_start_timeout_on()
    {
        var tally = new HealthTally(Limits, startsHealthy: false, TimeSpan.Zero);
        tally.Count(passed: false, TimeSpan.FromSeconds(5.9));
        Assert.False(tally.IsLate);
        tally.Count(passed: false, TimeSpan.FromSeconds(6));
        Assert.True(tally.IsLate);
    }

    [Fact]
    public void Other_limits_hold_from_the_next_check_on()
    {
        var tally = new HealthTally(Limits, startsHealthy: true, TimeSpan.Zero);
        Assert.Null(tally.Count(passed: false, TimeSpan.FromSeconds(1)));
        tally.Limits = Limits with { Fall = 2, Patience = TimeSpan.FromSeconds(1) };
        Assert.Equal(HealthVerdict.Failed, tally.Count(passed: false, TimeSpan.FromSeconds(2)));
        Assert.Equal(HealthVerdict.Wedged, tally.Count(passed: false, TimeSpan.FromSeconds(3)));
    }

    [Fact]
    public void A_replica_that_is_assumed_to_be_well_has_to_fail_its_checks_in_a_row()
    {
        var tally = new HealthTally(Limits, startsHealthy: false, TimeSpan.Zero);
        Assert.True(tally.AssumeWell());
        Assert.False(tally.AssumeWell());
        Assert.Equal("..Failed", string.Concat(Enumerable.Range(0, 3).Select(i => tally.Count(passed: false, TimeSpan.FromSeconds(i))?.ToString() ?? ".")));
    }
}
