using Edge.Fleet;

namespace Edge.Tests.Fleet;

public sealed class AddTests
{
    [Fact]
    public async Task Replicas_get_the_names_of_the_call_and_the_others_the_lowest_free_names()
    {
        await using FleetFixture fleet = await FleetFixture.StartAsync(replicas: 2);
        FleetAnswer answer = await fleet.AddAsync(3, "server_4", "cache");
        Assert.Null(answer.Refusal);
        Assert.Equal(["cache", "server_1", "server_2", "server_3", "server_4"], answer.Running);
        Assert.Equal(answer.Running, fleet.Plane.Names);
        Assert.Equal(answer.Running, fleet.Manager.Snapshot.Running);
    }

    [Fact]
    public async Task The_weight_reaches_the_table()
    {
        await using FleetFixture fleet = await FleetFixture.StartAsync(replicas: 1);
        await fleet.Manager.AddAsync(1, ["heavy"], 7);
        Assert.Equal(7, fleet.Plane.Table.Replicas.ToArray().Single(r => r.Name == "heavy").Weight);
    }

    [Theory]
    [InlineData(DriverFailure.Failed, "Failed")]
    [InlineData(DriverFailure.Unavailable, "Unavailable")]
    [InlineData(DriverFailure.NameTaken, "Conflict")]
    internal async Task Where_one_cannot_be_started_none_of_them_stays(DriverFailure kind, string refusal)
    {
        await using FleetFixture fleet = await FleetFixture.StartAsync(replicas: 1);
        fleet.Driver.OnStart = async (name, _) =>
        {
            if (name == "server_3")
            {
                // The others are in rotation by now: they have to be drained, not just stopped.
                await fleet.Journal.WaitAsync("publish server_1,server_2,server_4");
                throw new DriverException(kind, "no such image");
            }

            await (name == "server_4" ? fleet.Journal.WaitAsync("publish server_1,server_2") : Task.CompletedTask);
        };
        FleetAnswer answer = await fleet.AddAsync(3, "server_2", "server_3", "server_4");
        Assert.Equal(refusal, answer.Refusal!.Kind.ToString());
        Assert.Equal("'server_3' could not be started: no such image", answer.Refusal.Message);
        Assert.Equal(["server_1"], answer.Running);
        Assert.Equal(["server_1"], fleet.Driver.Running);
        Assert.Equal(["server_1"], fleet.Plane.Names);
        Assert.Single(fleet.Plane.Held);
        Assert.True(fleet.Journal.LastIndex("release server_2") < fleet.Journal.LastIndex("stop server_2"));
        Assert.True(fleet.Journal.LastIndex("publish server_1") < fleet.Journal.LastIndex("release server_2"));
    }

    [Fact]
    public async Task If_the_lowest_free_name_turns_out_to_be_taken_the_next_one_is_used()
    {
        await using FleetFixture fleet = await FleetFixture.StartAsync(replicas: 1);
        fleet.Driver.OnStart = (name, _) => name is "server_2" or "server_4"
            ? throw new DriverException(DriverFailure.NameTaken, "a container has it")
            : Task.CompletedTask;
        FleetAnswer answer = await fleet.AddAsync(3, "blue");
        Assert.Null(answer.Refusal);
        Assert.Equal(["blue", "server_1", "server_3", "server_5"], answer.Running);
        Assert.Equal("Conflict", (await fleet.AddAsync(1, "server_2")).Refusal!.Kind.ToString());
    }

    [Fact]
    public async Task A_call_fails_if_every_name_is_taken()
    {
        await using FleetFixture fleet = await FleetFixture.StartAsync(replicas: 1);
        fleet.Driver.OnStart = (_, _) => throw new DriverException(DriverFailure.NameTaken, "a container has it");
        FleetAnswer answer = await fleet.AddAsync(2);
        Assert.Equal("Conflict", answer.Refusal!.Kind.ToString());
        Assert.Equal(["server_1"], answer.Running);
    }

    [Fact]
    public async Task A_replica_that_is_wanted_tries_other_names_until_one_is_free()
    {
        var fleet = new FleetFixture(replicas: 1);
        await using FleetFixture _ = fleet;

        // More than are tried at once.
        fleet.Driver.OnStart = (name, _) => name == "server_30" ? Task.CompletedTask : throw new DriverException(DriverFailure.NameTaken, "a container has it");
        fleet.Manager.Start();
        await Backends.Quiet.UntilAsync(
            () =>
            {
                fleet.Time.Advance(Backoff.Cap);
                return fleet.Driver.Running.SequenceEqual(["server_30"]);
            },
            "it runs under the name that is free");
    }

    [Fact]
    public async Task Names_of_a_failed_call_are_free_again()
    {
        await using FleetFixture fleet = await FleetFixture.StartAsync(replicas: 1);
        fleet.Driver.OnStart = (_, _) => throw new DriverException(DriverFailure.Failed, "no");
        Assert.NotNull((await fleet.AddAsync(2, "a", "b")).Refusal);
        fleet.Driver.OnStart = (_, _) => Task.CompletedTask;
        Assert.Equal(["a", "b", "server_1"], (await fleet.AddAsync(2, "a", "b")).Running);
    }

    [Fact]
    public async Task A_replica_with_a_start_period_is_waited_for_as_long()
    {
        await using FleetFixture fleet = await FleetFixture.StartAsync(replicas: 1);
        fleet.Driver.StartPeriod = TimeSpan.FromSeconds(100);
        fleet.Health.Held.Add("server_2");
        Task<FleetAnswer> adding = fleet.AddAsync(1);
        await fleet.Journal.WaitAsync("watch server_2");
        fleet.Time.Advance(TimeSpan.FromSeconds(30));
        await fleet.Journal.WaitAsync("timer 100");
        fleet.Time.Advance(TimeSpan.FromSeconds(99));
        await fleet.SettleAsync();
        Assert.False(adding.IsCompleted);
        fleet.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.StartsWith("'server_2' was not healthy within 130 s: ", (await adding).Refusal!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_replica_that_never_becomes_healthy_fails_the_call_after_the_start_timeout()
    {
        await using FleetFixture fleet = await FleetFixture.StartAsync(replicas: 1);
        fleet.Health.Held.Add("server_3");
        Task<FleetAnswer> adding = fleet.AddAsync(2);
        await fleet.Journal.WaitAsync("watch server_3");
        await fleet.Journal.WaitAsync("publish server_1,server_2");
        fleet.Health.Report("server_3", HealthVerdict.NotYet, "it answered 500");
        await fleet.SettleAsync();
        fleet.Time.Advance(TimeSpan.FromSeconds(29));
        await fleet.SettleAsync();
        Assert.False(adding.IsCompleted);
        fleet.Time.Advance(TimeSpan.FromSeconds(1));
        FleetAnswer answer = await adding;
        Assert.Equal(CallRefusalKind.Failed, answer.Refusal!.Kind);
        Assert.Equal("'server_3' was not healthy within 30 s: it answered 500", answer.Refusal.Message);
        Assert.Equal(["server_1"], fleet.Driver.Running);
        Assert.Equal(["server_1"], fleet.Plane.Names);
    }

    [Fact]
    public async Task A_start_that_hangs_is_called_off_after_the_start_timeout()
    {
        await using FleetFixture fleet = await FleetFixture.StartAsync(replicas: 1);
        fleet.Driver.OnStart = (_, cancellation) => Task.Delay(Timeout.InfiniteTimeSpan, cancellation);
        Task<FleetAnswer> adding = fleet.AddAsync(2);
        await fleet.Journal.WaitAsync("start server_2");
        await fleet.Journal.WaitAsync("start server_3");
        fleet.Time.Advance(TimeSpan.FromSeconds(30));
        FleetAnswer answer = await adding;
        Assert.Equal(CallRefusalKind.Failed, answer.Refusal!.Kind);
        Assert.Contains("within 30 s", answer.Refusal.Message, StringComparison.Ordinal);
        Assert.Equal(["server_1"], (await fleet.SettleAsync()).Replicas.Select(r => r.Name));
    }

    [Fact]
    public async Task A_replica_that_dies_before_all_are_healthy_fails_the_call()
    {
        await using FleetFixture fleet = await FleetFixture.StartAsync(replicas: 1);
        fleet.Health.Held.Add("b");
        Task<FleetAnswer> adding = fleet.AddAsync(2, "a", "b");
        await fleet.Journal.WaitAsync("watch b");
        fleet.Driver.Kill("b", "exit code 3");
        FleetAnswer answer = await adding;
        Assert.Equal("'b' died before all were healthy: exit code 3", answer.Refusal!.Message);
        Assert.Equal(["server_1"], fleet.Driver.Running);
    }

    [Fact]
    public async Task A_death_that_is_reported_before_the_start_is_done_is_not_lost()
    {
        await using FleetFixture fleet = await FleetFixture.StartAsync(replicas: 0);
        fleet.Health.Held.Add("a");
        fleet.Driver.OnStart = async (_, _) =>
        {
            // The driver gives out id1 next: it died at once, and the event overtakes the end of the start.
            fleet.Driver.Say(new DriverEvent.Died("id1", "a", "exit code 9"));
            await fleet.SettleAsync();
            await fleet.SettleAsync();
        };
        FleetAnswer answer = await fleet.AddAsync(1, "a");
        Assert.Equal("'a' died before all were healthy: exit code 9", answer.Refusal!.Message);
    }

    [Fact]
    public async Task A_replica_that_a_failed_call_cannot_stop_is_stopped_again_until_it_is_gone()
    {
        await using FleetFixture fleet = await FleetFixture.StartAsync(replicas: 1);
        fleet.Driver.OnStart = (name, _) => name == "bad" ? throw new DriverException(DriverFailure.Failed, "no") : Task.CompletedTask;
        fleet.Driver.OnStop = _ => throw new DriverException(DriverFailure.Unavailable, "engine is down");
        fleet.Driver.OnStart = async (name, _) =>
        {
            if (name == "bad")
            {
                await fleet.Journal.WaitAsync("watch good");
                throw new DriverException(DriverFailure.Failed, "no");
            }
        };
        FleetAnswer answer = await fleet.AddAsync(2, "good", "bad");
        Assert.Equal("'bad' could not be started: no", answer.Refusal!.Message);
        Assert.Equal(["server_1"], answer.Running);
        Assert.Equal(CallRefusalKind.Conflict, (await fleet.AddAsync(1, "good")).Refusal!.Kind);
        fleet.Driver.OnStop = _ => Task.CompletedTask;
        fleet.Time.Advance(Backoff.Cap);
        await fleet.Journal.WaitAsync("stop good", 2);
        while ((await fleet.SettleAsync()).Replicas.Count > 1)
        {
            await Task.Yield();
        }

        Assert.Equal(["server_1"], fleet.Driver.Running);
    }

    [Fact]
    public async Task Two_calls_at_once_share_neither_names_nor_room()
    {
        await using FleetFixture fleet = await FleetFixture.StartAsync(replicas: 1, maximum: 5);
        var go = new TaskCompletionSource();
        fleet.Driver.OnStart = (_, _) => go.Task;
        Task<FleetAnswer> first = fleet.AddAsync(2, "a");
        Task<FleetAnswer> second = fleet.AddAsync(1);
        FleetAnswer taken = await fleet.AddAsync(1, "a");
        FleetAnswer tooMany = await fleet.AddAsync(2);
        Assert.Equal(CallRefusalKind.Conflict, taken.Refusal!.Kind);
        Assert.Equal(CallRefusalKind.Invalid, tooMany.Refusal!.Kind);
        Assert.Equal("n is 2, but the fleet has 4 replicas and may have at most 5", tooMany.Refusal.Message);
        go.SetResult();
        Assert.Null((await first).Refusal);
        Assert.Null((await second).Refusal);
        Assert.Equal(["a", "server_1", "server_2", "server_3"], (await fleet.SettleAsync()).Running);
    }

    [Fact]
    public async Task More_than_the_maximum_is_refused()
    {
        await using FleetFixture fleet = await FleetFixture.StartAsync(replicas: 1, maximum: 5);
        Assert.Equal("n is 6, and the fleet may have at most 5 replicas", (await fleet.AddAsync(6)).Refusal!.Message);
    }

    [Fact]
    public async Task A_static_fleet_is_not_changed()
    {
        await using FleetFixture fleet = await FleetFixture.WithServerAsync("a:1");
        Assert.Equal(["a:1"], fleet.Plane.Names);
        Assert.Equal(CallRefusalKind.Conflict, (await fleet.AddAsync(1)).Refusal!.Kind);
        Assert.Equal(CallRefusalKind.Conflict, (await fleet.RemoveAsync(1)).Refusal!.Kind);
        Assert.Equal(["a:1"], fleet.Manager.Snapshot.Running);
    }

    [Fact]
    public async Task Calls_that_wait_are_answered_when_the_balancer_ends()
    {
        FleetFixture fleet = await FleetFixture.StartAsync(replicas: 1);
        fleet.Health.Held.Add("a");
        Task<FleetAnswer> adding = fleet.AddAsync(1, "a");
        await fleet.Journal.WaitAsync("watch a");
        await fleet.DisposeAsync();
        Assert.Equal(CallRefusalKind.Unavailable, (await adding).Refusal!.Kind);
        Assert.Equal(CallRefusalKind.Unavailable, (await fleet.AddAsync(1)).Refusal!.Kind);
    }
}
