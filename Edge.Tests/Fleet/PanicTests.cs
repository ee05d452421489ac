using Edge.Config;
using Edge.Fleet;
using Edge.Routing;
using Edge.Tests.Backends;

namespace Edge.Tests.Fleet;

/// <summary>A fleet of which none is well.</summary>
public sealed class PanicTests
{
    [Fact]
    public async Task A_static_fleet_of_which_all_fail_their_checks_is_asked_all_the_same()
    {
        await using FleetFixture fleet = await StartAsync();
        fleet.Health.Report("a:1", HealthVerdict.Failed);
        await RoutesAsync(fleet, "b:1", "c:1");
        fleet.Health.Report("b:1", HealthVerdict.Failed);
        await RoutesAsync(fleet, "c:1");
        Assert.False((await fleet.SettleAsync()).InPanic);

        // While one passes the others are left alone; with the last of them, all are asked. It keeps the requests that it has.
        fleet.Health.Report("c:1", HealthVerdict.Failed);
        await RoutesAsync(fleet, "a:1", "b:1", "c:1");
        FleetSnapshot panic = await fleet.SettleAsync();
        Assert.True(panic.InPanic);
        Assert.All(panic.Replicas, r => Assert.Equal(ReplicaState.Unhealthy, r.State));
        Assert.All(panic.Replicas, r => Assert.Equal(1, r.EffectiveWeight));
        Assert.Contains("panic replicas=3", fleet.LogText.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("relieve c:1", fleet.Journal.Entries);

        fleet.Health.Report("b:1", HealthVerdict.Passed);
        await RoutesAsync(fleet, "b:1");
        Assert.False((await fleet.SettleAsync()).InPanic);
        Assert.Contains("panic_over", fleet.LogText.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_the_option_off_such_a_fleet_gets_no_requests_from_that_moment_on()
    {
        await using FleetFixture fleet = await StartAsync(s => s with { Health = new() { Panic = false } });
        Array.ForEach(["a:1", "b:1", "c:1"], name => fleet.Health.Report(name, HealthVerdict.Failed));
        await RoutesAsync(fleet);
        fleet.Manager.Reconfigure(fleet.Manager.Options with { Health = new() { Panic = true } });
        await RoutesAsync(fleet, "a:1", "b:1", "c:1");
        fleet.Manager.Reconfigure(fleet.Manager.Options with { Health = new() { Panic = false } });
        await RoutesAsync(fleet);
    }

    [Fact]
    public async Task In_panic_an_ejected_replica_that_passes_its_checks_comes_before_those_that_fail_them()
    {
        await using FleetFixture fleet = await StartAsync();
        Replica a = fleet.Plane.Table.Replicas[0];
        fleet.Manager.Eject(a);
        await RoutesAsync(fleet, "b:1", "c:1");
        fleet.Health.Report("b:1", HealthVerdict.Failed);
        fleet.Health.Report("c:1", HealthVerdict.Failed);
        await RoutesAsync(fleet, "a:1");

        // And once it fails them, too, it is as good as the others.
        fleet.Health.Report("a:1", HealthVerdict.Failed);
        await fleet.SettleAsync();
        Assert.True(a.FailsChecks);
        await fleet.Journal.WaitAsync("timer 5");
        fleet.Time.Advance(TimeSpan.FromSeconds(5));
        await RoutesAsync(fleet, "a:1", "b:1", "c:1");
    }

    [Fact]
    public async Task Replicas_that_the_balancer_made_get_no_requests_while_they_fail_their_checks()
    {
        await using FleetFixture fleet = await FleetFixture.StartAsync(replicas: 2);
        fleet.Health.Report("server_1", HealthVerdict.Failed);
        fleet.Health.Report("server_2", HealthVerdict.Failed);
        await RoutesAsync(fleet);
        Assert.False((await fleet.SettleAsync()).InPanic);
    }

    [Theory]
    [InlineData("Wavered", true)]
    [InlineData("Failed", true)]
    [InlineData("Passed", false)]
    public async Task The_loops_are_told_whether_a_replica_fails_its_checks(string told, bool fails)
    {
        HealthVerdict verdict = Enum.Parse<HealthVerdict>(told);
        await using FleetFixture fleet = await StartAsync();
        Replica replica = fleet.Plane.Table.Replicas[0];
        replica.FailsChecks = !fails;
        fleet.Health.Report("a:1", verdict);
        Assert.Equal(verdict == HealthVerdict.Failed ? ReplicaState.Unhealthy : ReplicaState.Healthy, (await fleet.SettleAsync("a:1")).State);
        Assert.Equal(fails, replica.FailsChecks);
    }

    private static async Task<FleetFixture> StartAsync(Func<ServiceOptions, ServiceOptions>? change = null)
    {
        var fleet = new FleetFixture(change ?? (s => s), owned: false);
        Array.ForEach(["a:1", "b:1", "c:1"], name => fleet.Driver.Put(name));
        fleet.Manager.Start();
        await fleet.Manager.Steady;
        await fleet.Journal.WaitAsync("watch a:1");
        await fleet.Journal.WaitAsync("watch b:1");
        await fleet.Journal.WaitAsync("watch c:1");
        return fleet;
    }

    private static Task RoutesAsync(FleetFixture fleet, params string[] names) =>
        Quiet.UntilAsync(() => fleet.Plane.Names.SequenceEqual(names), $"the table has {string.Join(',', names)}");
}
