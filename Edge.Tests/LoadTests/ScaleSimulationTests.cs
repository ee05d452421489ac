using Edge.Simulate;
using Edge.Tests.Backends;

namespace Edge.Tests.LoadTests;

/// <summary>The simulation of the autoscaler: what docs/scaling-by-load.md shows of it, and what it promises.</summary>
public sealed class ScaleSimulationTests
{
    private static readonly Lazy<ScaleResult[]> s_all = new(ScaleRuns.RunAll);

    [Fact]
    public void The_table_in_the_documentation_is_what_a_run_prints() =>
        Assert.Contains(ScaleTable.Of(s_all.Value), Repository.Read("docs/scaling-by-load.md"), StringComparison.Ordinal);

    [Fact]
    public void The_pictures_are_what_a_run_draws()
    {
        Assert.Equal(ScaleTable.Chart(ScaleRuns.Spike, 300).Draw(), Repository.Read("docs/images/scale-spike.svg"));
        Assert.Equal(ScaleTable.Chart(ScaleRuns.Swing, 600).Draw(), Repository.Read("docs/images/scale-swing.svg"));
    }

    [Fact]
    public void A_spike_gets_half_as_many_again_as_it_needs_at_most_and_the_first_within_two_seconds_and_fails_none()
    {
        ScaleResult spike = Of(ScaleRuns.Spike);
        Assert.InRange(spike.Most, spike.Case.Needed, spike.Case.Needed * 3 / 2);
        Assert.InRange(spike.First!.Value, 0, 2);
        Assert.Equal((0, 0), (spike.Turns, spike.Failed));
    }

    [Fact]
    public void A_swing_each_minute_for_half_an_hour_starts_ten_at_most() => Assert.InRange(Of(ScaleRuns.Swing).Starts, 1, 10);

    [Fact]
    public void A_load_that_comes_at_random_just_below_what_one_can_have_starts_no_other() =>
        Assert.Equal((0, 1), Of(ScaleRuns.All.Single(one => one.Name.StartsWith("steady", StringComparison.Ordinal))) is var steady
            ? (steady.Starts, steady.Most) : default);

    private static ScaleResult Of(ScaleCase of) => s_all.Value.First(result => result.Case == of && result.Rule == "Edge");
}
