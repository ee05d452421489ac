using Edge.Fleet;

namespace Edge.Tests.Fleet;

public sealed class HealthTallyTests
{
    // A plus is a passed check, a minus a failed one; below each stands the verdict: N(ot yet), P(assed), F(ailed), W(edged).
    [Theory]
    [InlineData(false, "---+", "NNNP")]
    [InlineData(false, "+--+---", "P.....F")]
    [InlineData(false, "+---+-++", "P..F...P")]
    [InlineData(false, "+---++---", "P..F.P..F")]
    [InlineData(false, "+-----------------------", "P..F........W........W..")]
    [InlineData(true, "+++", "...")]
    [InlineData(true, "---++", "..F.P")]
    public void Verdicts_follow_from_rows_of_checks(bool startsHealthy, string checks, string verdicts)
    {
        var tally = new HealthTally(rise: 2, fall: 3, startsHealthy);
        string told = string.Concat(checks.Select(c => tally.Count(c == '+')?.ToString()[0] ?? '.'));
        Assert.Equal(verdicts, told);
    }
}
