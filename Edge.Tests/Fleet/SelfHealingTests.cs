using Edge.Fleet;
using Edge.Tests.Backends;

namespace Edge.Tests.Fleet;

public sealed class SelfHealingTests
{
    [Fact]
    public async Task The_first_replicas_are_started_side_by_side()
    {
        var fleet = new FleetFixture();
        await using FleetFixture _ = fleet;
        fleet.Driver.OnStart = async (_, _) => await Task.WhenAll(
            fleet.Journal.WaitAsync("start server_1"), fleet.Journal.WaitAsync("start server_2"), fleet.Journal.WaitAsync("start server_3"));
        fleet.Manager.Start();
        await fleet.Manager.Steady;
        Assert.Equal(["server_1", "server_2", "server_3"], fleet.Plane.Names);
    }

    [Fact]
    public async Task Forwarding_begins_with_the_first_healthy_one()
    {
        var fleet = new FleetFixture();
        await using FleetFixture _ = fleet;
        fleet.Health.Held.UnionWith(["server_1", "server_3"]);
        fleet.Manager.Start();
        await fleet.Journal.WaitAsync("publish server_2");
        Assert.False(fleet.Manager.Steady.IsCompleted);
    }

    [Fact]
    public async Task A_replica_that_cannot_be_started_at_first_is_tried_again()
    {
        var fleet = new FleetFixture(replicas: 1);
        await using FleetFixture _ = fleet;
        fleet.Driver.OnStart = (_, _) => throw new DriverException(DriverFailure.Unavailable, "engine is down");
        fleet.Manager.Start();
        await fleet.Journal.WaitAsync("start server_1");
        ReplicaSnapshot waiting = await WaitForAsync(fleet, "server_1", r => r.State == ReplicaState.Gone);
        Assert.Contains("engine is down", waiting.Why, StringComparison.Ordinal);
        Assert.Empty(fleet.Manager.Snapshot.Running);
        fleet.Driver.OnStart = (_, _) => Task.CompletedTask;
        await AdvanceToRespawnAsync(fleet);
        await fleet.Journal.WaitAsync("publish server_1");
    }

    [Fact]
    public async Task Requests_are_to_wait_for_the_last_one_that_dies_unless_it_is_removed()
    {
        await using FleetFixture fleet = await FleetFixture.StartAsync(replicas: 1);
        Assert.True(fleet.Plane.Table is { IsOwned: true, IsHealing: false });
        fleet.Driver.Kill("server_1");
        await fleet.Journal.WaitAsync("publish ", 2);
        Assert.True(fleet.Plane.Table.IsHealing);
        await AdvanceToRespawnAsync(fleet);
        await fleet.Journal.WaitAsync("publish server_1", 2);
        Assert.False(fleet.Plane.Table.IsHealing);
        fleet.Driver.Kill("server_1");
        await fleet.Journal.WaitAsync("publish ", 3);
        Assert.True(fleet.Plane.Table.IsHealing);
        Assert.Null((await fleet.RemoveAsync(1)).Refusal);
        Assert.False(fleet.Plane.Table.IsHealing);
    }

    [Fact]
    public async Task Requests_are_to_wait_for_the_first_one_that_is_started_and_for_one_that_is_added_to_none()
    {
        var fleet = new FleetFixture(replicas: 1);
        await using FleetFixture _ = fleet;
        var isToStart = new TaskCompletionSource();
        fleet.Driver.OnStart = (_, _) => isToStart.Task;
        fleet.Manager.Start();
        await fleet.Journal.WaitAsync("publish ");
        Assert.True(fleet.Plane.Table.IsHealing);
        isToStart.SetResult();
        await fleet.Journal.WaitAsync("publish server_1");
        Assert.False(fleet.Plane.Table.IsHealing);
        Assert.Null((await fleet.RemoveAsync(1)).Refusal);
        Assert.True(fleet.Plane.Table is { Count: 0, IsHealing: false });

        fleet.Driver.OnStart = async (_, _) =>
        {
            await fleet.Journal.WaitAsync("publish ", 3);
            Assert.True(fleet.Plane.Table.IsHealing);
            throw new DriverException(DriverFailure.Failed, "no such image");
        };
        Assert.NotNull((await fleet.AddAsync(1)).Refusal);
        Assert.True(fleet.Plane.Table is { Count: 0, IsHealing: false });
    }

    [Fact]
    public async Task Requests_are_to_wait_for_one_that_is_ending_but_not_for_one_that_is_ill()
    {
        await using FleetFixture fleet = await FleetFixture.StartAsync(replicas: 1);
        string id = fleet.Driver["server_1"].Id;
        fleet.Driver.Say(new DriverEvent.Objected(id, "server_1", "its HEALTHCHECK fails"));
        await fleet.Journal.WaitAsync("publish ", 2);
        Assert.False(fleet.Plane.Table.IsHealing);
        fleet.Driver.Say(new DriverEvent.Objected(id, "server_1", "it was sent signal 15", IsEnding: true));
        await fleet.Journal.WaitAsync("publish ", 3);
        Assert.True(fleet.Plane.Table.IsHealing);
        fleet.Driver.Say(new DriverEvent.Objected(id, "server_1", null));
        await fleet.Journal.WaitAsync("publish server_1", 2);
        Assert.False(fleet.Plane.Table.IsHealing);
    }

    [Fact]
    public async Task A_replica_that_dies_is_out_at_once_and_comes_back_under_its_name_and_weight()
    {
        await using FleetFixture fleet = await FleetFixture.StartAsync(replicas: 1);
        await fleet.Manager.AddAsync(1, ["heavy"], 5);
        fleet.Driver.Kill("heavy", "exit code 137 (signal 9)");
        await fleet.Journal.WaitAsync("publish server_1", 2);
        await fleet.Journal.WaitAsync("release heavy");
        ReplicaSnapshot dead = await fleet.SettleAsync("heavy");
        Assert.Equal(ReplicaState.Gone, dead.State);
        Assert.StartsWith("exit code 137 (signal 9); it is started again", dead.Why, StringComparison.Ordinal);
        Assert.Equal(["server_1"], fleet.Manager.Snapshot.Running);
        await AdvanceToRespawnAsync(fleet);
        await fleet.Journal.WaitAsync("publish heavy,server_1", 2);
        ReplicaSnapshot back = await fleet.SettleAsync("heavy");
        Assert.Equal((1, 5, ReplicaState.Healthy), (back.Restarts, back.Weight, back.State));
    }

    [Fact]
    public async Task A_crash_loop_is_slowed_down_and_shown()
    {
        await using FleetFixture fleet = await FleetFixture.StartAsync(replicas: 1);
        for (int failures = 1; failures <= Backoff.CrashLoop; failures++)
        {
            fleet.Driver.Kill("server_1");
            await fleet.Journal.WaitAsync("release server_1", failures);
            await AdvanceToRespawnAsync(fleet, failures);
            await fleet.Journal.WaitAsync("publish server_1", failures + 1);
            Assert.Equal(failures >= Backoff.CrashLoop, (await fleet.SettleAsync("server_1")).CrashLoop);
        }

        Assert.Contains(" error replica_crash_loop name=server_1 failures=5 ", fleet.LogText.ToString(), StringComparison.Ordinal);
        fleet.Time.Advance(Backoff.ResetAfter);
        fleet.Driver.Kill("server_1");
        await fleet.Journal.WaitAsync("release server_1", Backoff.CrashLoop + 1);
        Assert.False((await fleet.SettleAsync("server_1")).CrashLoop);
    }

    [Fact]
    public async Task An_unhealthy_replica_is_out_of_rotation_until_it_passes_again()
    {
        await using FleetFixture fleet = await FleetFixture.StartAsync(replicas: 2);
        fleet.Health.Report("server_1", HealthVerdict.Failed);
        await fleet.Journal.WaitAsync("publish server_2");
        ReplicaSnapshot ill = await fleet.SettleAsync("server_1");
        Assert.Equal((ReplicaState.Unhealthy, "it answered 500"), (ill.State, ill.Why));
        Assert.Equal(["server_1", "server_2"], fleet.Manager.Snapshot.Running);
        fleet.Health.Report("server_1", HealthVerdict.Passed);
        await fleet.Journal.WaitAsync("publish server_1,server_2", 2);
    }

    [Theory]
    [InlineData(HealthVerdict.Failed, HealthVerdict.Wedged)]
    [InlineData(HealthVerdict.NotYet, HealthVerdict.NeverWell)]
    public async Task A_replica_that_stays_unhealthy_is_stopped_and_started_again(object first, object last)
    {
        await using FleetFixture fleet = await FleetFixture.StartAsync(replicas: 1);
        fleet.Health.Report("server_1", (HealthVerdict)first);
        fleet.Health.Report("server_1", (HealthVerdict)last);
        await fleet.Journal.WaitAsync("stop server_1");
        await WaitForAsync(fleet, "server_1", r => r.State == ReplicaState.Gone);
        await AdvanceToRespawnAsync(fleet);
        await fleet.Journal.WaitAsync("publish server_1", 2);
        Assert.Equal(1, (await fleet.SettleAsync("server_1")).Restarts);
    }

    [Fact]
    public async Task A_server_of_a_static_fleet_is_never_restarted()
    {
        await using FleetFixture fleet = await FleetFixture.WithServerAsync("a:1");
        Assert.Equal(ReplicaOrigin.Listed, fleet.Manager.Snapshot.Replicas[0].Origin);
        await fleet.Journal.WaitAsync("watch a:1");
        fleet.Health.Report("a:1", HealthVerdict.Failed);
        fleet.Health.Report("a:1", HealthVerdict.Wedged);
        Assert.Equal(ReplicaState.Unhealthy, (await fleet.SettleAsync("a:1")).State);
        Assert.DoesNotContain("stop a:1", fleet.Journal.Entries);
    }

    [Fact]
    public async Task At_the_start_running_replicas_are_adopted_and_only_the_missing_ones_are_started()
    {
        var fleet = new FleetFixture(replicas: 2);
        await using FleetFixture _ = fleet;
        fleet.Driver.Put("server_2", weight: 4);
        fleet.Manager.Start();
        await fleet.Manager.Steady;
        Assert.Equal(["server_1", "server_2"], fleet.Plane.Names);
        Assert.DoesNotContain("start server_2", fleet.Journal.Entries);
        Assert.Equal(4, (await fleet.SettleAsync("server_2")).Weight);
    }

    [Fact]
    public async Task Nothing_is_changed_before_the_driver_has_said_what_runs()
    {
        var fleet = new FleetFixture(replicas: 1);
        await using FleetFixture _ = fleet;
        var listed = new TaskCompletionSource();
        fleet.Driver.OnList = () => listed.Task;
        fleet.Manager.Start();
        Assert.Equal(new CallRefusal(CallRefusalKind.Unavailable, "the driver (fake) has not said yet which replicas run"), (await fleet.AddAsync(1)).Refusal);
        Assert.Equal(CallRefusalKind.Unavailable, (await fleet.RemoveAsync(1)).Refusal!.Kind);
        listed.SetResult();
        await fleet.Manager.Known;
        Assert.Null((await fleet.AddAsync(1)).Refusal);
    }

    [Fact]
    public async Task A_replica_that_is_started_from_outside_joins_the_fleet()
    {
        await using FleetFixture fleet = await FleetFixture.StartAsync(replicas: 1);
        fleet.Driver.Say(new DriverEvent.Started(fleet.Driver.Put("server_9")));
        await fleet.Journal.WaitAsync("publish server_1,server_9");
    }

    [Fact]
    public async Task Changes_during_a_loss_of_the_drivers_events_are_found_afterwards()
    {
        await using FleetFixture fleet = await FleetFixture.StartAsync(replicas: 2);
        fleet.Driver.Kill("server_1", silently: true);
        fleet.Driver.Put("server_7");
        await fleet.Journal.WaitAsync("watch");
        int timers = fleet.Journal.Entries.Count;
        fleet.Driver.LoseSight();
        while (!fleet.Journal.Entries.Skip(timers).Any(e => e.StartsWith("timer", StringComparison.Ordinal)))
        {
            await Task.Yield();
        }

        fleet.Time.Advance(Backoff.Cap);
        await fleet.Journal.WaitAsync("watch", 2);
        await fleet.Journal.WaitAsync("watch server_7");
        await WaitForAsync(fleet, "server_7", r => r.State == ReplicaState.Healthy);
        Assert.Contains(
            "fake does not list it any more", (await WaitForAsync(fleet, "server_1", r => r.State != ReplicaState.Healthy)).Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_list_that_is_older_than_a_change_is_not_believed()
    {
        await using FleetFixture fleet = await FleetFixture.StartAsync(replicas: 1);
        var late = new TaskCompletionSource();
        int lists = 0;
        fleet.Driver.OnList = () =>
        {
            int list = Interlocked.Increment(ref lists);
            fleet.Journal.Write($"list {list}");
            return list == 1 ? late.Task : Task.CompletedTask;
        };
        fleet.Driver.Say(new DriverEvent.Watching());
        await fleet.Journal.WaitAsync("list 1");
        Assert.Null((await fleet.AddAsync(1, "new")).Refusal);
        late.SetResult();
        await fleet.Journal.WaitAsync("list 2");
        Assert.Equal(ReplicaState.Healthy, (await fleet.SettleAsync("new")).State);
        Assert.DoesNotContain("release new", fleet.Journal.Entries);
    }

    [Fact]
    public async Task A_slot_is_used_again_only_after_its_release()
    {
        await using FleetFixture fleet = await FleetFixture.StartAsync(replicas: 1);
        var drained = new TaskCompletionSource();
        fleet.Plane.OnRelease = _ => drained.Task;
        int slot = fleet.Plane.Table.Replicas[0].Slot;
        fleet.Plane.Table.Replicas[0].CountersOf(0).Requests = 7;
        fleet.Driver.Kill("server_1");
        await fleet.Journal.WaitAsync("release server_1");
        await AdvanceToRespawnAsync(fleet);
        await fleet.Journal.WaitAsync("publish server_1", 2);
        Assert.NotEqual(slot, fleet.Plane.Table.Replicas[0].Slot);
        drained.SetResult();
        // What it counted is remembered in the same step that frees its slot.
        await Quiet.UntilAsync(() => fleet.Manager.Snapshot.Replicas.Single().Past.Sum.Requests == 7, "it is released");
        await fleet.AddAsync(1, "next");
        Assert.Equal(slot, fleet.Plane.Table.Replicas.ToArray().Single(r => r.Name == "next").Slot);
    }

    [Fact]
    public async Task Many_calls_and_deaths_at_once_leave_a_fleet_that_agrees_with_its_driver()
    {
        await using FleetFixture fleet = await FleetFixture.StartAsync(replicas: 4, maximum: 40);
        var random = new Random(42);
        var calls = new List<Task<FleetAnswer>>();
        for (int i = 0; i < 300; i++)
        {
            calls.Add(random.Next(2) == 0 ? fleet.AddAsync(random.Next(1, 4)) : fleet.RemoveAsync(random.Next(1, 4)));
            if (random.Next(8) == 0 && fleet.Manager.Snapshot.Running is [string victim, ..] && fleet.Driver.Running.Contains(victim)
                && fleet.Health.Watches(victim))
            {
                // One that is being added has to pass again before its call is answered.
                fleet.Health.Report(victim, HealthVerdict.Failed);
                fleet.Health.Report(victim, HealthVerdict.Passed);
            }

            await (random.Next(3) == 0 ? fleet.SettleAsync() : Task.CompletedTask);
        }

        await Task.WhenAll(calls);
        FleetSnapshot end = await fleet.SettleAsync();
        Assert.Equal(fleet.Driver.Running, end.Replicas.Select(r => r.Name).Order(StringComparer.Ordinal));
        int left = end.Replicas.Count;
        if (left > 0)
        {
            Assert.Empty((await fleet.RemoveAsync(left)).Running);
        }

        Assert.Empty(fleet.Plane.Held);
        Assert.Empty(fleet.Driver.Running);
    }

    /// <summary>Waits for the pause before the next start to be planned, and lets it pass.</summary>
    private static async Task AdvanceToRespawnAsync(FleetFixture fleet, int times = 1)
    {
        double pause = await fleet.RespawnPlannedAsync(times);
        fleet.Time.Advance(TimeSpan.FromSeconds(pause + 0.001));
    }

    private static async Task<ReplicaSnapshot> WaitForAsync(FleetFixture fleet, string name, Func<ReplicaSnapshot, bool> reached)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (true)
        {
            ReplicaSnapshot? replica = (await fleet.SettleAsync()).Replicas.SingleOrDefault(r => r.Name == name);
            if (replica is not null && reached(replica))
            {
                return replica;
            }

            patience.Token.ThrowIfCancellationRequested();
        }
    }
}
