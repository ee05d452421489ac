using Edge.Fleet;
using Edge.Routing;
using Edge.Tests.Backends;

namespace Edge.Tests.Fleet;

public sealed class SlowStartTests
{
    private static readonly TimeSpan Ramp = TimeSpan.FromSeconds(10);

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1.0, 1)]
    [InlineData(1.2, 2)]
    [InlineData(5, 5)]
    [InlineData(9.99, 9)]
    [InlineData(10, 10)]
    [InlineData(1000, 10)]
    [InlineData(-3, 1)]
    public void The_share_grows_in_steps(double seconds, int step) => Assert.Equal(step, SlowStart.StepOf(TimeSpan.FromSeconds(seconds), Ramp));

    [Fact]
    public void Full_weights_stay_as_they_are_and_others_count_in_tenths()
    {
        Assert.Equal([5, 1], SlowStart.Weights([(5, 10), (1, 10)]));
        Assert.Equal([50, 3], SlowStart.Weights([(5, 10), (1, 3)]));
        Assert.Empty(SlowStart.Weights([]));
    }

    [Fact]
    public async Task The_fleet_of_the_start_has_its_full_shares_at_once()
    {
        await using FleetFixture fleet = await StartAsync();
        await fleet.AddAsync(1);
        Assert.Equal([1, 1, 1], Shares(fleet, 3));
    }

    [Fact]
    public async Task A_new_replica_in_a_settled_fleet_gets_its_share_step_by_step()
    {
        await using FleetFixture fleet = await StartAsync();
        fleet.Time.Advance(Ramp);
        await fleet.AddAsync(1);
        Assert.Equal([10, 10, 1], Shares(fleet, 21));
        for (int second = 1; second <= 10; second++)
        {
            // The table is there before the timer that ends it: without that, the clock must not move on.
            await fleet.Journal.WaitAsync("timer 1", second);
            fleet.Time.Advance(TimeSpan.FromSeconds(1));
            int[] expected = second < 10 ? [10, 10, Math.Max(1, 1 + 9 * second / 10)] : [1, 1, 1];
            await Quiet.UntilAsync(
                () => Shares(fleet, expected.Sum()).SequenceEqual(expected), $"after {second} s the shares are {string.Join(':', expected)}");
        }
    }

    [Fact]
    public async Task A_replica_that_is_healthy_again_begins_with_a_small_share()
    {
        await using FleetFixture fleet = await StartAsync();
        fleet.Time.Advance(Ramp);
        fleet.Health.Report("server_1", HealthVerdict.Failed);
        fleet.Health.Report("server_1", HealthVerdict.Passed);
        await fleet.SettleAsync();
        Assert.Equal([1, 10], Shares(fleet, 11));
    }

    private static async Task<FleetFixture> StartAsync()
    {
        var fleet = new FleetFixture(s => s with { Fleet = s.Fleet with { SlowStart = Ramp } }, replicas: 2);
        fleet.Manager.Start();
        await fleet.Manager.Steady;
        return fleet;
    }

    /// <summary>How many of so many picks each replica gets, in the order of the table.</summary>
    private static int[] Shares(FleetFixture fleet, int picks)
    {
        ReplicaTable table = fleet.Plane.Table;
        uint cursor = 0;
        Replica[] picked = [.. Enumerable.Range(0, picks).Select(_ => table.Pick(ref cursor)!)];
        return [.. table.Replicas.ToArray().Select(r => picked.Count(p => p == r))];
    }
}
