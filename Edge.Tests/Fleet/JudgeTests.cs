using Edge.Fleet;
using Edge.Routing;
using Edge.Telemetry;

namespace Edge.Tests.Fleet;

public class JudgeTests
{
    private const long Millisecond = 1_000_000;

    // Times that are spread over a tenth more and a tenth less than the middle.
    private static Histogram Times(long count, double milliseconds)
    {
        Histogram times = default;
        for (long i = 0; i < count; i++)
        {
            times.Add((long)(milliseconds * (0.9 + 0.2 * i / Math.Max(1, count - 1)) * Millisecond));
        }

        return times;
    }

    private static CanaryTally Tally(long attempts, long errors = 0, long clientErrors = 0, double milliseconds = 10) =>
        new() { Attempts = attempts, Errors = errors, ClientErrors = clientErrors, Response = Times(attempts - errors, milliseconds) };

    private static Judgement Judge(CanaryTally old, CanaryTally fresh) =>
        Edge.Fleet.Judge.Decide(new JudgeFigures { Old = old, New = fresh, OldWarm = old, NewWarm = fresh });

    /// <summary>The figures of errors, and what they mean.</summary>
    public static TheoryData<long, long, long, long, string> Errors => new()
    {
        // Nothing is known.
        { 0, 0, 0, 0, nameof(JudgeVerdict.Undecided) },
        { 1000, 0, 0, 0, nameof(JudgeVerdict.Undecided) },

        // All fail: three are enough where the old ones are known to be sound, and a few more where little is known of them, or nothing.
        { 1000, 0, 2, 2, nameof(JudgeVerdict.Undecided) },
        { 1000, 0, 3, 3, nameof(JudgeVerdict.Revert) },
        { 81, 0, 9, 9, nameof(JudgeVerdict.Undecided) },
        { 90, 0, 10, 10, nameof(JudgeVerdict.Revert) },
        { 0, 0, 16, 16, nameof(JudgeVerdict.Undecided) },
        { 0, 0, 17, 17, nameof(JudgeVerdict.Revert) },

        // A few fail.
        { 10_000, 0, 100, 2, nameof(JudgeVerdict.Undecided) },
        { 10_000, 0, 100, 5, nameof(JudgeVerdict.Revert) },
        { 10_000, 100, 1000, 10, nameof(JudgeVerdict.Pass) },
        { 10_000, 100, 1000, 40, nameof(JudgeVerdict.Revert) },

        // None fails.
        { 10_000, 0, 140, 0, nameof(JudgeVerdict.Undecided) },
        { 10_000, 0, 150, 0, nameof(JudgeVerdict.Pass) },
        { 10_000, 10_000, 1000, 1000, nameof(JudgeVerdict.Undecided) },
        { 10_000, 5000, 1000, 500, nameof(JudgeVerdict.Pass) },
        { 10_000, 5000, 1000, 990, nameof(JudgeVerdict.Revert) },
    };

    [Theory]
    [MemberData(nameof(Errors))]
    public void Errors_of_both_sides_are_compared(long old, long oldErrors, long fresh, long freshErrors, string verdict)
    {
        // Times are not in question.
        CanaryTally of = Tally(old, oldErrors) with { Response = Times(1000, 10) }, with = Tally(fresh, freshErrors) with { Response = Times(1000, 10) };
        Assert.Equal(verdict, Judge(of, with).Verdict.ToString());
    }

    [Theory]
    [InlineData(10, 10, JudgeVerdict.Pass)]
    [InlineData(10, 5, JudgeVerdict.Pass)]
    [InlineData(10, 12.5, JudgeVerdict.Pass)]
    [InlineData(10, 20, JudgeVerdict.Revert)]
    [InlineData(10, 30, JudgeVerdict.Revert)]
    [InlineData(300, 600, JudgeVerdict.Revert)]
    [InlineData(0.05, 0.06, JudgeVerdict.Pass)]
    [InlineData(30_000, 30_000, JudgeVerdict.Undecided)]
    internal void Response_times_of_both_sides_are_compared(double old, double fresh, JudgeVerdict verdict) =>
        Assert.Equal(verdict, Judge(Tally(2000, milliseconds: old), Tally(300, milliseconds: fresh)).Verdict);

    [Theory]
    [InlineData(199, 300)]
    [InlineData(2000, 19)]
    internal void Few_response_times_say_nothing(long old, long fresh)
    {
        Judgement judgement = Judge(Tally(2000) with { Response = Times(old, 10) }, Tally(300) with { Response = Times(fresh, 80) });
        Assert.Equal(JudgeVerdict.Undecided, judgement.Verdict);
        Assert.Equal(
            $"not enough to tell yet: response times of {fresh} requests of the new ones (of 20), {old:N0} of the old ones (of 200)".Replace("2000", "2,000"),
            judgement.Reason);
    }

    [Fact]
    public void What_the_new_ones_do_before_they_are_warm_counts_for_errors_alone()
    {
        CanaryTally old = Tally(4000), cold = Tally(100, milliseconds: 500), warm = Tally(300);
        var all = new CanaryTally { Attempts = 400, Response = cold.Response };
        JudgeFigures figures = new() { Old = old, New = all, OldWarm = old, NewWarm = warm };
        Assert.Equal(JudgeVerdict.Pass, Edge.Fleet.Judge.Decide(figures).Verdict);
        Assert.Equal(JudgeVerdict.Revert, Judge(old, all).Verdict);
    }

    [Theory]
    [InlineData(2000, 0, 19, 19, JudgeVerdict.Undecided)]
    [InlineData(2000, 0, 20, 20, JudgeVerdict.Pause)]
    [InlineData(2000, 200, 200, 20, JudgeVerdict.Pass)]
    [InlineData(2000, 200, 200, 50, JudgeVerdict.Pause)]
    [InlineData(2000, 1900, 200, 195, JudgeVerdict.Pass)]
    internal void Many_more_answers_of_4xx_are_for_people_to_look_at(long old, long oldRefused, long fresh, long freshRefused, JudgeVerdict verdict) =>
        Assert.Equal(verdict, Judge(Tally(old, clientErrors: oldRefused), Tally(fresh, clientErrors: freshRefused)).Verdict);

    [Fact]
    public void Each_verdict_says_what_it_rests_on()
    {
        Assert.Equal("5xx or no answer: 7 of 53 requests of the new ones, 3 of 5,210 of the old ones", Judge(Tally(5210, 3), Tally(53, 7)).Reason);
        Assert.Equal(
            "slower than 16.384 ms: 60 of 60 requests of the new ones, 0 of 5,210 of the old ones", Judge(Tally(5210), Tally(60, milliseconds: 40)).Reason);
        Assert.Equal("4xx: 40 of 60 requests of the new ones, 12 of 5,210 of the old ones", Judge(Tally(5210, 0, 12), Tally(60, 0, 40)).Reason);
        Assert.Equal(
            "5xx or no answer: 0 of 200 requests of the new ones, 0 of 5,210 of the old ones; "
            + "slower than 2.1 s: 0 of 200 requests of the new ones, 0 of 5,210 of the old ones",
            Judge(Tally(5210, milliseconds: 1500), Tally(200, milliseconds: 1500)).Reason);
        Assert.Equal(
            "not enough to tell yet: 5xx or no answer: 0 of 53 requests of the new ones, 0 of 5,210 of the old ones", Judge(Tally(5210), Tally(53)).Reason);
    }

    [Fact]
    public void Figures_are_read_from_the_counts_of_the_loops()
    {
        var figures = new CanaryFigures(loops: 1);
        figures.Of(0, CanarySide.New).Attempts = 5;
        figures.Of(0, CanarySide.New).Response.Add(1);
        JudgeFigures cold = JudgeFigures.Read(figures);
        Assert.Equal((5, 5, 1), (cold.New.Attempts, cold.NewWarm.Attempts, cold.NewWarm.Response.Count));
        figures.Of(0, CanarySide.New).Attempts = 7;
        figures.Of(0, CanarySide.Old).Attempts = 100;
        JudgeFigures now = JudgeFigures.Read(figures, cold);
        Assert.Equal((7, 2, 0), (now.New.Attempts, now.NewWarm.Attempts, now.NewWarm.Response.Count));
        Assert.Equal((100, 100), (now.Old.Attempts, now.OldWarm.Attempts));
    }

    [Fact]
    public void A_test_decides_at_the_bounds_of_Wald()
    {
        // Computed by hand: ln(0.021 / 0.001) = 3.0445 for each hit, ln(0.979 / 0.999) = -0.020223 for each other; 6.8565 and -2.9947.
        var test = new SequentialTest(0.001, 0.021);
        Assert.Null(test.Accepts(0, 0));
        Assert.Null(test.Accepts(2, 2));
        Assert.False(test.Accepts(3, 3));
        Assert.Null(test.Accepts(148, 0));
        Assert.True(test.Accepts(149, 0));
        Assert.False(test.Accepts(114, 3));
        Assert.Null(test.Accepts(116, 3));
    }
}
