using Edge.Config;
using Edge.Fleet;
using Edge.Routing;
using Edge.Tests.Backends;

namespace Edge.Tests.Fleet;

public sealed class EjectionsTests
{
    private static readonly EjectionOptions Settings = new() { MaxTime = TimeSpan.FromSeconds(12) };

    [Theory]
    [InlineData(0, 1, false)]
    [InlineData(0, 2, true)]
    [InlineData(1, 2, false)]
    [InlineData(0, 3, true)]
    [InlineData(1, 3, false)]
    [InlineData(1, 4, true)]
    public void At_most_a_share_of_the_replicas_is_ejected(int ejected, int members, bool may) => Assert.Equal(may, Settings.MayEject(ejected, members));

    [Fact]
    public void Each_ejection_of_a_replica_is_longer_up_to_a_bound() =>
        Assert.Equal([5, 10, 12, 12], Enumerable.Range(1, 4).Select(n => (int)Settings.TimeOut(n).TotalSeconds));

    [Fact]
    public async Task A_replica_whose_requests_fail_is_ejected_and_comes_back_on_trial()
    {
        await using FleetFixture fleet = await StartAsync(3);
        Replica replica = fleet.Plane.Table.Replicas[0];
        Assert.Equal(5, replica.EjectAfter);
        fleet.Manager.Eject(replica);
        await RoutesAsync(fleet, "server_2", "server_3");
        ReplicaSnapshot ejected = await fleet.SettleAsync("server_1");
        Assert.Equal((ReplicaState.Unhealthy, "5 requests failed in a row; it is tried again after 5 s"), (ejected.State, ejected.Why));

        // Its health checks pass all the time: they are not asked.
        fleet.Health.Report("server_1", HealthVerdict.Passed);
        await fleet.SettleAsync();
        Assert.Equal(["server_2", "server_3"], fleet.Plane.Names);

        await fleet.Journal.WaitAsync("timer 5");
        fleet.Time.Advance(TimeSpan.FromSeconds(5));
        await RoutesAsync(fleet, "server_1", "server_2", "server_3");
        Assert.Equal(1, replica.EjectAfter);
        fleet.Manager.Eject(replica);
        Assert.Equal("a request on trial failed; it is tried again after 10 s", (await fleet.SettleAsync("server_1")).Why);
    }

    [Fact]
    public async Task A_replica_that_passes_its_trial_is_like_any_other()
    {
        await using FleetFixture fleet = await StartAsync(2);
        Replica replica = fleet.Plane.Table.Replicas[0];
        fleet.Manager.Eject(replica);
        await RoutesAsync(fleet, "server_2");
        await fleet.Journal.WaitAsync("timer 5");
        fleet.Time.Advance(TimeSpan.FromSeconds(5));
        await RoutesAsync(fleet, "server_1", "server_2");
        await fleet.Journal.WaitAsync("timer 5", 2);
        fleet.Time.Advance(TimeSpan.FromSeconds(5));
        await Quiet.UntilAsync(() => replica.EjectAfter == 5, "the trial is over");
    }

    [Fact]
    public async Task No_more_than_half_of_the_replicas_are_ejected()
    {
        await using FleetFixture fleet = await StartAsync(3);
        Replica[] replicas = fleet.Plane.Table.Replicas.ToArray();
        fleet.Manager.Eject(replicas[0]);
        fleet.Manager.Eject(replicas[1]);
        await fleet.SettleAsync();
        Assert.Equal(["server_2", "server_3"], fleet.Plane.Names);
        // It stays, with little to do for a while: sequence of the tenths.
        Assert.Equal((1, 10), (fleet.Plane.ShareOf("server_2"), fleet.Plane.ShareOf("server_3")));
        Assert.Contains("ejection_spared name=server_2", fleet.LogText.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task When_all_others_are_unhealthy_the_ejected_replicas_take_requests()
    {
        await using FleetFixture fleet = await StartAsync(2);
        fleet.Manager.Eject(fleet.Plane.Table.Replicas[0]);
        await RoutesAsync(fleet, "server_2");
        fleet.Health.Report("server_2", HealthVerdict.Failed);
        await RoutesAsync(fleet, "server_1");
        Assert.Contains("panic replicas=1", fleet.LogText.ToString(), StringComparison.Ordinal);
        fleet.Health.Report("server_2", HealthVerdict.Passed);
        await RoutesAsync(fleet, "server_2");
        Assert.Contains("panic_over", fleet.LogText.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_ejection_of_a_replica_that_was_removed_is_ignored()
    {
        await using FleetFixture fleet = await StartAsync(2);
        Replica replica = fleet.Plane.Table.Replicas[0];
        await fleet.RemoveAsync(1, "server_1");
        fleet.Manager.Eject(replica);
        Assert.Equal(["server_2"], (await fleet.SettleAsync()).Running);
    }

    private static async Task<FleetFixture> StartAsync(int replicas)
    {
        var fleet = new FleetFixture(s => s with { Ejection = Settings }, replicas);
        fleet.Manager.Start();
        await fleet.Manager.Steady;
        return fleet;
    }

    private static Task RoutesAsync(FleetFixture fleet, params string[] names) =>
        Quiet.UntilAsync(() => fleet.Plane.Names.SequenceEqual(names), $"the table has {string.Join(',', names)}");
}
