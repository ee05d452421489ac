using Edge.Config;
using Edge.Fleet;
using Edge.Routing;

namespace Edge.Tests.Fleet;

/// <summary>Fleets whose size follows the load: sleep and wake, over fakes and a clock that the test moves.</summary>
public sealed class FleetSleepTests
{
    private static FleetFixture Fleet(Func<ScaleOptions, ScaleOptions>? change = null, int replicas = 1, bool owned = true)
    {
        ScaleOptions scale = new() { Maximum = 4, Minimum = "0", Sleep = TimeSpan.FromSeconds(10), Down = TimeSpan.FromSeconds(20) };

        // Without a slow start: its timers are as long as those of the looks at the load.
        return new FleetFixture(
            s => s with { Scale = change?.Invoke(scale) ?? scale, Fleet = s.Fleet with { SlowStart = TimeSpan.Zero } }, replicas, owned: owned);
    }

    private static async Task<FleetFixture> StartAsync(Func<ScaleOptions, ScaleOptions>? change = null, int replicas = 1)
    {
        FleetFixture fleet = Fleet(change, replicas);
        fleet.Manager.Start();
        await fleet.Manager.Steady.WaitAsync(TimeSpan.FromSeconds(20));
        return fleet;
    }

    private static async Task<FleetFixture> AsleepAsync(Func<ScaleOptions, ScaleOptions>? change = null, int replicas = 1)
    {
        FleetFixture fleet = await StartAsync(change, replicas);
        FleetAnswer answer = await fleet.Manager.SleepAsync();
        Assert.Null(answer.Refusal);
        Assert.Equal(ScaleState.Asleep, fleet.Manager.Snapshot.Scale.State);
        return fleet;
    }

    [Fact]
    public async Task A_fleet_falls_asleep_when_nobody_has_asked_for_long_enough()
    {
        await using FleetFixture fleet = await StartAsync(replicas: 2);
        Assert.True(fleet.Plane.Table.IsMeasured);
        fleet.Plane.Load = new LoadFigures(0, 5, 5, 0) { Wakeful = 5 };
        await fleet.PassAsync(10);
        Assert.Equal(["server_1", "server_2"], fleet.Manager.Snapshot.Running);
        Assert.Equal("ends one when fewer than 2 have been enough for 20 s; sleeps at 00:00:11 UTC if nobody asks", fleet.Manager.Snapshot.Scale.Next);
        await fleet.PassAsync(1);
        await fleet.Journal.WaitAsync("Keep server_2");
        await fleet.Journal.WaitAsync("Keep server_1");
        FleetSnapshot asleep = await fleet.SettleAsync();
        Assert.Equal((ScaleState.Asleep, 0, "nobody has asked for 10s", "the first request wakes it"),
            (asleep.Scale.State, asleep.Scale.Target, asleep.Scale.Why, asleep.Scale.Next));
        Assert.True(fleet.Plane.Table is { IsAsleep: true, IsHealing: true, IsMeasured: true, Count: 0 });
        await fleet.UntilAsync(now => now.Replicas.All(r => r.State == ReplicaState.Kept));

        // The table says it before anything is stopped.
        string[] steps = [.. fleet.Journal.Entries.Where(e => e is "publish " or "stop server_1")];
        Assert.Equal("publish ", steps[0]);
    }

    [Fact]
    public async Task Requests_waiting_ones_and_tunnels_keep_it_awake()
    {
        await using FleetFixture fleet = await StartAsync();
        for (int i = 1; i <= 4; i++)
        {
            await fleet.PassAsync(9);
            fleet.Plane.Load = new LoadFigures(0, i, i, 0) { Wakeful = i };
        }

        fleet.Plane.Load = fleet.Plane.Load with { WakefulNow = 1 };
        await fleet.PassAsync(30);
        Assert.Equal(ScaleState.Awake, fleet.Manager.Snapshot.Scale.State);
        fleet.Plane.Load = fleet.Plane.Load with { WakefulNow = 0 };
        await fleet.PassAsync(9);
        Assert.Equal(ScaleState.Awake, fleet.Manager.Snapshot.Scale.State);
        await fleet.PassAsync(1);
        Assert.Equal(ScaleState.Asleep, fleet.Manager.Snapshot.Scale.State);
    }

    [Fact]
    public async Task A_request_wakes_it_with_one_of_the_replicas_that_are_kept()
    {
        await using FleetFixture fleet = await AsleepAsync(replicas: 3);
        string unit = fleet.Manager.Snapshot.Replicas[0].UnitId!;
        fleet.Health.Held.Add("server_1");
        fleet.Manager.OnWakeWanted();
        await fleet.Journal.WaitAsync("watch server_1", 2);
        FleetSnapshot waking = await fleet.SettleAsync();
        Assert.Equal((ScaleState.Waking, "a request came", "requests wait for the first replica"),
            (waking.Scale.State, waking.Scale.Why, waking.Scale.Next));
        Assert.True(fleet.Plane.Table.IsAsleep);
        Assert.Equal(unit, fleet.Driver.Specs.Last().UnitId);
        fleet.Health.Report("server_1", HealthVerdict.Passed);
        FleetSnapshot awake = await fleet.UntilAsync(now => now.Scale.State != ScaleState.Waking);
        Assert.True(fleet.Plane.Table is { IsAsleep: false, IsMeasured: true });
        Assert.Equal(["server_1"], fleet.Plane.Names);
        Assert.Equal([ReplicaState.Healthy, ReplicaState.Kept, ReplicaState.Kept], awake.Replicas.Select(r => r.State));
    }

    [Fact]
    public async Task A_request_that_comes_while_the_replicas_are_just_being_stopped_has_one_started_when_it_has_ended()
    {
        await using FleetFixture fleet = await StartAsync();
        var stopped = new TaskCompletionSource();
        fleet.Driver.OnStop = _ => stopped.Task;
        Task<FleetAnswer> sleeping = fleet.Manager.SleepAsync();
        await fleet.Journal.WaitAsync("Keep server_1");
        fleet.Manager.OnWakeWanted();
        Assert.Equal(ScaleState.Waking, (await fleet.SettleAsync()).Scale.State);
        Assert.Equal("it wakes again: a request came", (await sleeping).Refusal!.Message);
        Assert.True(fleet.Plane.Table.IsAsleep);
        Assert.Single(fleet.Driver.Specs);
        stopped.SetResult();
        await fleet.UntilAsync(now => now.Running.Count == 1 && now.Scale.State == ScaleState.Awake);
        Assert.Equal(2, fleet.Driver.Specs.Count);
        Assert.Single(fleet.Manager.Snapshot.Replicas);
    }

    [Fact]
    public async Task What_was_removed_while_it_slept_is_made_again()
    {
        await using FleetFixture fleet = await AsleepAsync();
        string unit = fleet.Manager.Snapshot.Replicas[0].UnitId!;
        fleet.Driver.Say(new DriverEvent.Removed(unit, "it was removed from outside"));
        await fleet.UntilAsync(now => now.Replicas[0].Why.Contains("it is made again when it is needed", StringComparison.Ordinal));
        Assert.Equal(ScaleState.Asleep, fleet.Manager.Snapshot.Scale.State);
        FleetAnswer woken = await fleet.Manager.WakeAsync();
        Assert.Null(woken.Refusal);
        Assert.Equal(["server_1"], woken.Running);
        Assert.Equal(unit, fleet.Driver.Specs.Last().UnitId);
    }

    [Fact]
    public async Task A_fleet_whose_replicas_calls_have_removed_while_it_slept_wakes_with_a_new_one()
    {
        await using FleetFixture fleet = await AsleepAsync();
        Assert.Null((await fleet.RemoveAsync(1, "server_1")).Refusal);
        Assert.Empty(fleet.Manager.Snapshot.Replicas);
        fleet.Manager.OnWakeWanted();
        await fleet.UntilAsync(now => now.Running.Count == 1 && now.Scale.State == ScaleState.Awake);
        Assert.Null(fleet.Driver.Specs.Last().UnitId);
    }

    [Fact]
    public async Task After_five_failed_starts_it_is_broken_and_is_tried_on_until_one_is_well()
    {
        await using FleetFixture fleet = await AsleepAsync();
        fleet.Driver.OnStart = (_, _) => throw new DriverException(DriverFailure.Failed, "no such file");
        fleet.Manager.OnWakeWanted();
        double pause = 0;
        for (int failure = 1; failure <= 5; failure++)
        {
            fleet.Time.Advance(TimeSpan.FromSeconds(pause));
            pause = await fleet.RespawnPlannedAsync(failure);
            FleetSnapshot now = await fleet.SettleAsync();
            Assert.Equal(failure < 5 ? ScaleState.Waking : ScaleState.Broken, now.Scale.State);
            Assert.Equal(failure < 5, fleet.Plane.Table.IsAsleep);
        }

        Assert.False(fleet.Plane.Table.IsHealing);
        Assert.StartsWith("server_1: no such file", fleet.Manager.Snapshot.Scale.Why, StringComparison.Ordinal);
        Assert.Equal("it is tried again, with growing pauses", fleet.Manager.Snapshot.Scale.Next);
        fleet.Driver.OnStart = (_, _) => Task.CompletedTask;
        fleet.Time.Advance(TimeSpan.FromSeconds(pause));
        await fleet.UntilAsync(now => now.Scale.State == ScaleState.Awake);
        Assert.Equal(["server_1"], fleet.Plane.Names);
    }

    [Fact]
    public async Task A_call_that_wakes_it_is_told_when_it_cannot_be_started()
    {
        await using FleetFixture fleet = await AsleepAsync();
        fleet.Driver.OnStart = (_, _) => throw new DriverException(DriverFailure.Failed, "no such file");
        Task<FleetAnswer> waking = fleet.Manager.WakeAsync();
        for (int failure = 1; failure <= 5; failure++)
        {
            fleet.Time.Advance(TimeSpan.FromSeconds(await fleet.RespawnPlannedAsync(failure)));
        }

        FleetAnswer answer = await waking;
        Assert.Equal(CallRefusalKind.Failed, answer.Refusal!.Kind);
        Assert.StartsWith("it could not be started: server_1: no such file", answer.Refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_fleet_that_may_sleep_is_asleep_after_a_restart_if_nothing_of_it_runs()
    {
        await using FleetFixture fleet = Fleet(replicas: 2);
        fleet.Driver.Ended.Add(new ReplicaSpec("server_1", 1, "u1"));
        fleet.Driver.Ended.Add(new ReplicaSpec("server_2", 1, "u2"));
        fleet.Manager.Start();
        await fleet.Manager.Steady.WaitAsync(TimeSpan.FromSeconds(20));
        FleetSnapshot now = await fleet.SettleAsync();
        Assert.Equal((ScaleState.Asleep, "it was asleep when the balancer started"), (now.Scale.State, now.Scale.Why));
        Assert.All(now.Replicas, r => Assert.Equal(ReplicaState.Kept, r.State));
        Assert.Empty(fleet.Driver.Specs);
        Assert.True(fleet.Plane.Table.IsAsleep);
        fleet.Manager.OnWakeWanted();
        await fleet.UntilAsync(one => one.Scale.State == ScaleState.Awake);
        Assert.Equal("u1", Assert.Single(fleet.Driver.Specs).UnitId);
    }

    [Fact]
    public async Task A_balancer_that_was_killed_while_the_fleet_woke_finds_the_one_that_runs_and_starts_no_other()
    {
        await using FleetFixture fleet = Fleet(replicas: 2);
        fleet.Driver.Put("server_1", unit: "u1");
        fleet.Driver.Ended.Add(new ReplicaSpec("server_2", 1, "u2"));
        fleet.Manager.Start();
        await fleet.Manager.Steady.WaitAsync(TimeSpan.FromSeconds(20));
        FleetSnapshot now = await fleet.SettleAsync();
        Assert.Equal([ReplicaState.Healthy, ReplicaState.Kept], now.Replicas.Select(r => r.State));
        Assert.Equal(ScaleState.Awake, now.Scale.State);
        Assert.Empty(fleet.Driver.Specs);
    }

    [Fact]
    public async Task A_fleet_with_a_minimum_is_started_and_filled_at_a_restart_as_ever()
    {
        await using FleetFixture fleet = Fleet(s => s with { Minimum = "2" }, replicas: 3);
        fleet.Driver.Ended.Add(new ReplicaSpec("server_1", 1, "u1"));
        fleet.Manager.Start();
        await fleet.Manager.Steady.WaitAsync(TimeSpan.FromSeconds(20));
        Assert.Equal(["server_1", "server_2", "server_3"], (await fleet.SettleAsync()).Running);
    }

    [Theory]
    [InlineData("0", 1, 1)]
    [InlineData("3", 1, 3)]
    [InlineData("0", 6, 4)]
    [InlineData("", 2, 2)]
    public async Task A_fleet_that_has_nothing_yet_starts_with_the_replicas_of_the_options_within_the_bounds(string minimum, int replicas, int running)
    {
        await using FleetFixture fleet = await StartAsync(s => s with { Minimum = minimum }, replicas);
        Assert.Equal(running, (await fleet.SettleAsync()).Running.Count);
    }

    [Fact]
    public async Task A_fleet_with_a_replica_that_the_balancer_did_not_make_does_not_sleep_and_says_so()
    {
        await using FleetFixture fleet = Fleet(replicas: 0);
        fleet.Driver.Put("web", origin: ReplicaOrigin.Adopted);
        fleet.Manager.Start();
        await fleet.Manager.Steady.WaitAsync(TimeSpan.FromSeconds(20));
        await fleet.PassAsync(15);
        FleetSnapshot now = fleet.Manager.Snapshot;
        Assert.Equal((ScaleState.Awake, "it does not sleep, because the balancer did not make web"), (now.Scale.State, now.Scale.Next));
        CallRefusal refusal = (await fleet.Manager.SleepAsync()).Refusal!;
        Assert.Equal((CallRefusalKind.Conflict, "it does not sleep, because the balancer did not make web"), (refusal.Kind, refusal.Message));
    }

    [Fact]
    public async Task A_replica_that_is_started_from_outside_ends_the_sleep()
    {
        await using FleetFixture fleet = await AsleepAsync();
        string unit = fleet.Manager.Snapshot.Replicas[0].UnitId!;
        ObservedReplica started = fleet.Driver.Put("server_1", unit: unit);
        fleet.Driver.Say(new DriverEvent.Started(started));
        await fleet.UntilAsync(now => now.Scale.State == ScaleState.Awake);
        Assert.Equal(["server_1"], fleet.Plane.Names);
    }

    [Fact]
    public async Task A_replica_that_cannot_be_stopped_goes_on_and_so_does_the_fleet()
    {
        await using FleetFixture fleet = await StartAsync();
        fleet.Driver.OnStop = _ => throw new DriverException(DriverFailure.Unavailable, "engine is down");
        FleetAnswer answer = await fleet.Manager.SleepAsync();
        Assert.NotNull(answer.Refusal);
        FleetSnapshot now = await fleet.UntilAsync(one => one.Scale.State == ScaleState.Awake);
        Assert.Equal(["server_1"], now.Running);
        Assert.Equal(["server_1"], fleet.Plane.Names);
    }

    [Fact]
    public async Task It_pauses_where_the_options_want_that_and_the_driver_can()
    {
        await using FleetFixture fleet = Fleet(s => s with { Asleep = ScaleAsleep.Pause });
        fleet.Driver.Pauses = true;
        fleet.Manager.Start();
        await fleet.Manager.Steady.WaitAsync(TimeSpan.FromSeconds(20));
        Assert.Null((await fleet.Manager.SleepAsync()).Refusal);
        Assert.Contains("Pause server_1", fleet.Journal.Entries);
        await using FleetFixture other = await StartAsync(s => s with { Asleep = ScaleAsleep.Pause });
        Assert.Null((await other.Manager.SleepAsync()).Refusal);
        Assert.Contains("Keep server_1", other.Journal.Entries);
        await other.LogText.WaitAsync("pause_unavailable", 1);
    }
}
