using Edge.Fleet;
using Edge.Routing;

namespace Edge.Tests.Fleet;

public class DeployComparisonTests
{
    private const long Millisecond = 1_000_000;
    private static readonly DateTimeOffset s_start = DateTimeOffset.UnixEpoch;

    private static void Count(DeployComparison comparison, CanarySide side, int requests, int milliseconds)
    {
        ref CanaryCounters counters = ref comparison.Figures.Of(0, side);
        for (int i = 0; i < requests; i++)
        {
            counters.Attempts++;
            counters.Response.Add(milliseconds * Millisecond);
        }
    }

    [Fact]
    public void Response_times_before_the_new_replicas_are_warm_never_count()
    {
        var comparison = new DeployComparison(loops: 1, TimeSpan.FromSeconds(6));
        Count(comparison, CanarySide.Old, 3000, milliseconds: 10);
        Count(comparison, CanarySide.New, 300, milliseconds: 500);
        foreach (double seconds in new[] { 0, 5.9, 6.0, 6.1, 7 })
        {
            Judgement judged = comparison.OfCanary(s_start.AddSeconds(seconds));
            Assert.Equal(JudgeVerdict.Undecided, judged.Verdict);
            Assert.StartsWith("not enough to tell yet: response times of 0 ", judged.Reason, StringComparison.Ordinal);
        }

        Count(comparison, CanarySide.Old, 500, milliseconds: 10);
        Count(comparison, CanarySide.New, 100, milliseconds: 10);
        Assert.Equal(JudgeVerdict.Pass, comparison.OfCanary(s_start.AddSeconds(8)).Verdict);
    }

    [Fact]
    public void The_time_for_that_begins_with_the_first_request_of_the_canary()
    {
        var comparison = new DeployComparison(loops: 1, TimeSpan.FromSeconds(6));
        Count(comparison, CanarySide.Old, 3000, milliseconds: 10);
        comparison.OfCanary(s_start);
        Count(comparison, CanarySide.New, 100, milliseconds: 500);
        comparison.OfCanary(s_start.AddSeconds(10));
        Count(comparison, CanarySide.New, 100, milliseconds: 500);
        Assert.Equal(JudgeVerdict.Undecided, comparison.OfCanary(s_start.AddSeconds(12)).Verdict);
        Assert.Equal(JudgeVerdict.Undecided, comparison.OfCanary(s_start.AddSeconds(16)).Verdict);
        Count(comparison, CanarySide.Old, 500, milliseconds: 10);
        Count(comparison, CanarySide.New, 100, milliseconds: 500);
        Assert.Equal(JudgeVerdict.Revert, comparison.OfCanary(s_start.AddSeconds(17)).Verdict);
    }

    [Fact]
    public void Errors_count_from_the_first_request_on()
    {
        var comparison = new DeployComparison(loops: 1, TimeSpan.FromSeconds(6));
        Count(comparison, CanarySide.Old, 3000, milliseconds: 10);
        ref CanaryCounters fresh = ref comparison.Figures.Of(0, CanarySide.New);
        (fresh.Attempts, fresh.Errors) = (3, 3);
        Assert.Equal(JudgeVerdict.Revert, comparison.OfCanary(s_start).Verdict);
    }
}
