using Edge.Config;
using Edge.Fleet;
using Edge.Routing;

namespace Edge.Tests.Fleet;

/// <summary>Fleets whose size follows the load, over fakes and a clock that the test moves.</summary>
public sealed class FleetSizeTests
{
    private double _busy;
    private long _begun;

    private static async Task<FleetFixture> StartAsync(Func<ScaleOptions, ScaleOptions>? change = null, int replicas = 1, int maximum = 10)
    {
        ScaleOptions scale = new() { Maximum = 6, Minimum = "1", Down = TimeSpan.FromSeconds(40) };

        // Without a slow start: its timers are as long as those of the looks at the load.
        var fleet = new FleetFixture(
            s => s with { Scale = change?.Invoke(scale) ?? scale, Fleet = s.Fleet with { SlowStart = TimeSpan.Zero } }, replicas, maximum: maximum);
        fleet.Manager.Start();
        await fleet.Manager.Steady.WaitAsync(TimeSpan.FromSeconds(20));
        return fleet;
    }

    // Each request takes 100 ms.
    private async Task LoadAsync(FleetFixture fleet, int seconds, int perSecond)
    {
        for (int second = 0; second < seconds; second++)
        {
            (_busy, _begun) = (_busy + perSecond * 0.1, _begun + perSecond);
            fleet.Plane.Load = new LoadFigures((long)(_busy * 1e9), _begun, _begun, 0) { Wakeful = _begun };
            await fleet.PassAsync(1);
        }
    }

    [Fact]
    public async Task More_are_started_for_a_larger_load_two_at_a_time_and_ended_when_fewer_have_been_enough()
    {
        await using FleetFixture fleet = await StartAsync();
        await LoadAsync(fleet, 5, 100);
        Assert.Equal("needs 1: 10 in flight over 60 s, 14 a replica", fleet.Manager.Snapshot.Scale.Why);
        fleet.Health.Held.UnionWith(["server_2", "server_3", "server_4"]);
        await LoadAsync(fleet, 20, 500);
        FleetSnapshot now = fleet.Manager.Snapshot;
        Assert.Equal((ScaleState.Scaling, 4), (now.Scale.State, now.Scale.Target));
        Assert.Equal(["server_1", "server_2", "server_3"], fleet.Driver.Running);
        Assert.Equal("starts 1 more when one of the 2 that are starting is up", now.Scale.Next);
        fleet.Health.Report("server_2", HealthVerdict.Passed);
        await LoadAsync(fleet, 1, 500);
        await fleet.Journal.WaitAsync("watch server_4");
        fleet.Health.Report("server_3", HealthVerdict.Passed);
        fleet.Health.Report("server_4", HealthVerdict.Passed);
        await fleet.UntilAsync(one => one.Scale.State == ScaleState.Awake);
        Assert.Equal(4, fleet.Plane.Names.Length);

        // The window, then Down, then one each half minute: the one with the highest name, because none has more to do than another.
        await LoadAsync(fleet, 130, 10);
        await fleet.Journal.WaitAsync("Remove server_4");
        await LoadAsync(fleet, 31, 10);
        await fleet.Journal.WaitAsync("Remove server_3");
        await LoadAsync(fleet, 31, 10);
        await fleet.Journal.WaitAsync("Remove server_2");
        await LoadAsync(fleet, 60, 10);
        Assert.Equal(["server_1"], fleet.Driver.Running);
        Assert.True(fleet.Journal.LastIndex("release server_4") < fleet.Journal.LastIndex("stop server_4"), "it is drained before it is stopped");
    }

    [Fact]
    public async Task The_one_with_the_least_to_do_is_ended_and_never_one_that_the_balancer_did_not_make()
    {
        await using FleetFixture fleet = await StartAsync(replicas: 3);
        ObservedReplica theirs = fleet.Driver.Put("theirs", origin: ReplicaOrigin.Adopted);
        fleet.Driver.Say(new DriverEvent.Started(theirs));
        await fleet.UntilAsync(now => now.Running.Count == 4);
        Replica Busy(string name) => fleet.Manager.Snapshot.Replicas.Single(r => r.Name == name).Counting!;
        Busy("server_3").CountersOf(0).InFlight = 3;
        Busy("server_1").CountersOf(0).InFlight = 2;
        await LoadAsync(fleet, 45, 10);
        await fleet.Journal.WaitAsync("Remove server_2");
        await LoadAsync(fleet, 32, 10);
        await fleet.Journal.WaitAsync("Remove server_1");
        await LoadAsync(fleet, 32, 10);
        await fleet.Journal.WaitAsync("Remove server_3");
        await LoadAsync(fleet, 60, 10);
        Assert.Equal(["theirs"], fleet.Driver.Running);
    }

    [Fact]
    public async Task What_calls_add_and_remove_stays_so_for_a_while()
    {
        await using FleetFixture fleet = await StartAsync(replicas: 2);
        await LoadAsync(fleet, 5, 200);
        Assert.Null((await fleet.RemoveAsync(1, "server_2")).Refusal);
        await LoadAsync(fleet, 30, 200);
        Assert.Equal(["server_1"], fleet.Driver.Running);
        Assert.Null((await fleet.AddAsync(2, "a", "b")).Refusal);
        await LoadAsync(fleet, 38, 200);
        Assert.Equal(["a", "b", "server_1"], fleet.Driver.Running);
        Assert.Equal(2, fleet.Manager.Snapshot.Scale.Target);
        await LoadAsync(fleet, 10, 200);
        await fleet.Journal.WaitAsync("Remove b");
    }

    [Fact]
    public async Task A_replica_that_dies_is_healed_and_not_replaced()
    {
        await using FleetFixture fleet = await StartAsync(replicas: 2);
        await LoadAsync(fleet, 5, 200);
        fleet.Driver.Kill("server_2");
        await fleet.RespawnPlannedAsync();
        await fleet.UntilAsync(now => now.Running.Count == 1);
        await LoadAsync(fleet, 1, 200);
        await fleet.UntilAsync(now => now.Running.Count == 2);
        Assert.Equal(["server_1", "server_2"], fleet.Driver.Running);
        Assert.Equal(3, fleet.Driver.Specs.Count);
    }

    [Fact]
    public async Task In_a_rest_and_while_the_driver_is_lost_nothing_is_started()
    {
        await using FleetFixture fleet = await StartAsync();
        fleet.Driver.OnList = () => throw new DriverException(DriverFailure.Unavailable, "no answer");
        fleet.Driver.LoseSight();
        await fleet.UntilAsync(now => now.Blindness is not null);
        await LoadAsync(fleet, 20, 190);
        ScaleSnapshot scale = fleet.Manager.Snapshot.Scale;
        Assert.Equal((2, "waits until the driver (fake) can do something: no answer"), (scale.Target, scale.Next));
        Assert.Single(fleet.Driver.Specs);
    }

    [Fact]
    public async Task A_call_gives_other_bounds_which_hold_until_the_options_have_others()
    {
        await using FleetFixture fleet = await StartAsync(s => s with { Maximum = 0, Minimum = "" }, replicas: 2);
        Assert.Equal(ScaleState.Fixed, fleet.Manager.Snapshot.Scale.State);
        Assert.False(fleet.Plane.Table.IsMeasured);
        Assert.Null((await fleet.Manager.ScaleAsync(3, 5)).Refusal);
        Assert.Equal((ScaleState.Awake, 3, 5), fleet.Manager.Snapshot.Scale is var on ? (on.State, on.Minimum, on.Maximum) : default);
        Assert.True(fleet.Plane.Table.IsMeasured);
        await LoadAsync(fleet, 3, 10);
        await fleet.UntilAsync(now => now.Running.Count == 3);
        Assert.Null((await fleet.Manager.ScaleAsync(null, 4)).Refusal);
        Assert.Equal((3, 4), fleet.Manager.Snapshot.Scale is var less ? (less.Minimum, less.Maximum) : default);
        Assert.Null((await fleet.Manager.ScaleAsync(null, 0)).Refusal);
        Assert.Equal(ScaleState.Fixed, fleet.Manager.Snapshot.Scale.State);
        await fleet.SettleAsync();
        Assert.False(fleet.Plane.Table.IsMeasured);
        fleet.Manager.Reconfigure(new ServiceOptions { Fleet = new() { Replicas = 2, Maximum = 10 }, Scale = new() { Maximum = 6, Minimum = "2" } });
        FleetSnapshot changed = await fleet.UntilAsync(now => now.Scale.IsOn);
        Assert.Equal((2, 6), (changed.Scale.Minimum, changed.Scale.Maximum));
    }

    [Theory]
    [InlineData(1, 11, CallRefusalKind.Invalid, "maximum is 11, and the fleet may have at most 10 replicas (Edge:Fleet:Maximum)")]
    [InlineData(5, 4, CallRefusalKind.Invalid, "minimum is 5, which is more than the maximum of 4")]
    internal async Task Bounds_that_cannot_be_are_refused(int minimum, int maximum, CallRefusalKind kind, string message)
    {
        await using FleetFixture fleet = await StartAsync();
        Assert.Equal(new CallRefusal(kind, message), (await fleet.Manager.ScaleAsync(minimum, maximum)).Refusal);
        Assert.Equal((1, 6), fleet.Manager.Snapshot.Scale is var scale ? (scale.Minimum, scale.Maximum) : default);
    }

    [Fact]
    public async Task A_static_fleet_refuses_all_calls_about_its_size()
    {
        await using FleetFixture fleet = await FleetFixture.WithServerAsync("a:1");
        const string Why = "the fleet is fake: its replicas come from the options (Edge:Fleet:Addresses), and their number cannot follow the load";
        var refusal = new CallRefusal(CallRefusalKind.Conflict, Why);
        Assert.Equal(refusal, (await fleet.Manager.ScaleAsync(1, 4)).Refusal);
        Assert.Equal(refusal, (await fleet.Manager.SleepAsync()).Refusal);
        Assert.Equal(refusal, (await fleet.Manager.WakeAsync()).Refusal);
        Assert.Equal(ScaleState.Fixed, fleet.Manager.Snapshot.Scale.State);
    }

    [Fact]
    public async Task A_fleet_of_a_fixed_size_and_one_with_a_minimum_do_not_sleep()
    {
        await using FleetFixture still = await FleetFixture.StartAsync();
        Assert.StartsWith("the size of the fleet does not follow the load", (await still.Manager.SleepAsync()).Refusal!.Message, StringComparison.Ordinal);
        Assert.StartsWith("the size of the fleet does not follow the load", (await still.Manager.WakeAsync()).Refusal!.Message, StringComparison.Ordinal);
        await using FleetFixture fleet = await StartAsync();
        Assert.Equal(
            "the fleet has at least 1 replicas: a minimum of 0 (Edge:Scale:Minimum, or a call of scale) lets it sleep",
            (await fleet.Manager.SleepAsync()).Refusal!.Message);
        Assert.Null((await fleet.Manager.WakeAsync()).Refusal);
    }

    [Fact]
    public async Task A_larger_minimum_wakes_a_fleet_that_sleeps_and_so_does_a_fixed_size()
    {
        await using FleetFixture fleet = await StartAsync(s => s with { Minimum = "0" });
        Assert.Null((await fleet.Manager.SleepAsync()).Refusal);
        Assert.Null((await fleet.Manager.ScaleAsync(2, 4)).Refusal);
        await fleet.UntilAsync(now => now.Running.Count == 2 && now.Scale.State == ScaleState.Awake);
        Assert.Null((await fleet.Manager.ScaleAsync(0, 4)).Refusal);
        Assert.Null((await fleet.Manager.SleepAsync()).Refusal);
        Assert.Null((await fleet.Manager.ScaleAsync(0, 0)).Refusal);
        await fleet.UntilAsync(now => now.Running.Count == 2 && now.Scale.State == ScaleState.Fixed);
    }

    [Fact]
    public void Memory_that_is_free_is_what_the_kernel_says()
    {
        Assert.Equal(1905, HostMemory.Parse("MemTotal:        8131568 kB\nMemFree:          123456 kB\nMemAvailable:    1951488 kB\n"));
        Assert.Null(HostMemory.Parse("MemTotal:        8131568 kB\n"));
        Assert.Null(HostMemory.Parse("MemAvailable:    x kB\n"));
        Assert.NotNull(HostMemory.AvailableMiB());
    }
}
