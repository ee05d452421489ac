using Edge.Fleet;
using Edge.Tests.Backends;

namespace Edge.Tests.Fleet;

public sealed class DriverSyncTests
{
    [Fact]
    public async Task A_replica_that_the_driver_objects_to_gets_no_requests_until_the_objection_is_taken_back()
    {
        await using FleetFixture fleet = await FleetFixture.StartAsync(replicas: 2);
        ObservedReplica replica = fleet.Driver["server_1"];
        fleet.Driver.Say(new DriverEvent.Objected(replica.Id, "server_1", "its HEALTHCHECK fails"));
        await RoutesAsync(fleet, "server_2");
        ReplicaSnapshot sick = await fleet.SettleAsync("server_1");
        Assert.Equal((ReplicaState.Unhealthy, "its HEALTHCHECK fails"), (sick.State, sick.Why));
        Assert.Equal(["server_1", "server_2"], fleet.Manager.Snapshot.Running);

        // Its health checks pass meanwhile, and that is not enough.
        fleet.Health.Report("server_1", HealthVerdict.Passed);
        Assert.Equal(ReplicaState.Unhealthy, (await fleet.SettleAsync("server_1")).State);
        fleet.Driver.Say(new DriverEvent.Objected(replica.Id, "server_1", null));
        await RoutesAsync(fleet, "server_1", "server_2");
    }

    [Fact]
    public async Task A_replica_whose_checks_fail_stays_out_when_the_driver_takes_its_objection_back()
    {
        await using FleetFixture fleet = await FleetFixture.StartAsync(replicas: 1);
        string id = fleet.Driver["server_1"].Id;
        fleet.Driver.Say(new DriverEvent.Objected(id, "server_1", "sick"));
        await RoutesAsync(fleet);
        fleet.Health.Report("server_1", HealthVerdict.Failed);
        fleet.Driver.Say(new DriverEvent.Objected(id, "server_1", null));
        Assert.Equal(ReplicaState.Unhealthy, (await fleet.SettleAsync("server_1")).State);
        fleet.Health.Report("server_1", HealthVerdict.Passed);
        await RoutesAsync(fleet, "server_1");
    }

    [Fact]
    public async Task An_objection_to_an_earlier_replica_of_the_same_name_is_ignored()
    {
        await using FleetFixture fleet = await FleetFixture.StartAsync(replicas: 1);
        fleet.Driver.Say(new DriverEvent.Objected("before", "server_1", "sick"));
        fleet.Driver.Say(new DriverEvent.Objected("x", "nobody", "sick"));
        Assert.Equal(ReplicaState.Healthy, (await fleet.SettleAsync("server_1")).State);
    }

    [Fact]
    public async Task A_replica_is_stopped_to_be_made_anew_when_an_objection_to_it_stands_for_the_patience()
    {
        await using FleetFixture fleet = await FleetFixture.StartAsync(replicas: 1);
        fleet.Driver.Say(new DriverEvent.Objected(fleet.Driver["server_1"].Id, "server_1", "its HEALTHCHECK fails"));
        await RoutesAsync(fleet);
        await fleet.Journal.WaitAsync("timer 60");
        fleet.Time.Advance(DriverSync.Patience);
        await fleet.Journal.WaitAsync("stop server_1");
    }

    [Fact]
    public async Task An_addition_waits_until_the_driver_takes_its_objection_back()
    {
        await using FleetFixture fleet = await FleetFixture.StartAsync(replicas: 1);
        fleet.Driver.Objection = "its HEALTHCHECK has not passed yet";
        Task<FleetAnswer> adding = fleet.AddAsync(1);
        await fleet.Journal.WaitAsync("watch server_2");
        Assert.Equal("its HEALTHCHECK has not passed yet", (await fleet.SettleAsync("server_2")).Why);
        Assert.False(adding.IsCompleted);
        fleet.Driver.Say(new DriverEvent.Objected(fleet.Driver["server_2"].Id, "server_2", null));
        Assert.Equal(["server_1", "server_2"], (await adding).Running);
    }

    [Fact]
    public async Task The_first_list_has_ended_replicas_started_and_later_lists_do_not()
    {
        var fleet = new FleetFixture(replicas: 3);
        await using FleetFixture _ = fleet;
        fleet.Driver.Put("server_1");
        fleet.Driver.Ended.Add(new ReplicaSpec("blue", 4, "b"));
        fleet.Manager.Start();
        await fleet.Manager.Steady;
        Assert.Equal(["blue", "server_1", "server_2"], fleet.Plane.Names);
        Assert.Equal(4, fleet.Manager.Snapshot.Replicas.Single(r => r.Name == "blue").Weight);
        fleet.Driver.Ended.Add(new ReplicaSpec("green", 1, "g"));
        fleet.Driver.Say(new DriverEvent.Watching());
        fleet.Driver.Put("seen");
        fleet.Driver.Say(new DriverEvent.Watching());
        await fleet.Journal.WaitAsync("watch seen");
        Assert.DoesNotContain((await fleet.SettleAsync()).Replicas, r => r.Name == "green");
    }

    [Fact]
    public async Task A_server_of_a_static_fleet_moves_to_another_address_in_one_table()
    {
        await using FleetFixture fleet = await FleetFixture.WithServerAsync("app:80");
        ObservedReplica moved = fleet.Driver.Put("app:80", weight: 3);
        fleet.Driver.Say(new DriverEvent.Watching());
        await fleet.Journal.WaitAsync("release app:80");
        FleetSnapshot now = await fleet.SettleAsync();
        Assert.Equal(("app:80", 3, ReplicaState.Healthy), (now.Replicas[0].Name, now.Replicas[0].Weight, now.Replicas[0].State));
        Assert.Equal(moved.Address, fleet.Plane.Table.Replicas.ToArray().Single().Address);
        Assert.DoesNotContain("publish ", fleet.Journal.Entries);
        Assert.Contains($"replica_moved name=app:80 from=127.0.0.1:1 to={moved.Address}", fleet.LogText.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task While_the_driver_is_out_of_sync_the_fleet_is_shown_and_not_changed()
    {
        await using FleetFixture fleet = await FleetFixture.StartAsync(replicas: 2);
        var listing = new TaskCompletionSource();
        fleet.Driver.OnList = () => listing.Task;
        fleet.Driver.LoseSight();
        await Quiet.UntilAsync(() => fleet.Manager.Snapshot.Blindness is not null, "the loss is noted");
        Assert.Equal("connection lost", fleet.Manager.Snapshot.Blindness);
        Assert.Equal(["server_1", "server_2"], fleet.Manager.Snapshot.Running);
        Assert.Equal(["server_1", "server_2"], fleet.Plane.Names);
        CallRefusal add = (await fleet.AddAsync(1)).Refusal!;
        Assert.Equal((CallRefusalKind.Unavailable, "the driver (fake) cannot do anything now: connection lost"), (add.Kind, add.Message));
        Assert.Equal(CallRefusalKind.Unavailable, (await fleet.RemoveAsync(1)).Refusal!.Kind);
        Assert.DoesNotContain(fleet.Journal.Entries, entry => entry.StartsWith("stop", StringComparison.Ordinal));

        // The pause before it watches again is drawn by chance.
        await Quiet.UntilAsync(
            () =>
            {
                fleet.Time.Advance(Backoff.Cap);
                return fleet.Journal.Entries.Count(e => e == "watch") == 2;
            },
            "it watches again");
        listing.SetResult();
        await Quiet.UntilAsync(() => fleet.Manager.Snapshot.Blindness is null, "the driver sees again");
        Assert.Null((await fleet.AddAsync(1)).Refusal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Requests_are_to_wait_until_the_driver_has_said_what_runs_or_that_it_cannot(bool isSeen)
    {
        var fleet = new FleetFixture(replicas: 0);
        await using FleetFixture _ = fleet;
        var listing = new TaskCompletionSource();
        fleet.Driver.OnList = () => listing.Task;
        fleet.Health.Held.Add("server_1");
        fleet.Driver.Put("server_1");

        // Else it may be in the table as soon as it is watched.
        fleet.Health.Held.Add("server_1");
        Assert.True(fleet.Plane.Table is { Count: 0, IsHealing: true });
        fleet.Manager.Start();
        if (isSeen)
        {
            listing.SetResult();
            await fleet.Journal.WaitAsync("watch server_1");
            Assert.True(fleet.Plane.Table is { Count: 0, IsHealing: true });
            fleet.Health.Report("server_1", HealthVerdict.Passed);
            await fleet.Journal.WaitAsync("publish server_1");
            Assert.False(fleet.Plane.Table.IsHealing);
        }
        else
        {
            listing.SetException(new DriverException(DriverFailure.Unavailable, "the engine is down"));
            await Quiet.UntilAsync(() => fleet.Plane.Table is { Count: 0, IsHealing: false }, "nobody waits any longer");
        }
    }

    [Fact]
    public async Task A_driver_that_cannot_say_what_runs_is_told_once_however_often_it_is_asked()
    {
        var fleet = new FleetFixture(replicas: 1);
        await using FleetFixture _ = fleet;
        int asked = 0;
        fleet.Driver.OnList = () =>
        {
            Interlocked.Increment(ref asked);
            throw new DriverException(DriverFailure.Unavailable, "the engine is down; start it");
        };
        fleet.Manager.Start();
        await Quiet.UntilAsync(
            () =>
            {
                fleet.Time.Advance(Backoff.Cap);
                return Volatile.Read(ref asked) >= 4;
            },
            "it is asked again and again");
        Assert.Equal("the engine is down; start it", (await fleet.SettleAsync()).Blindness);
        Assert.Single(fleet.LogText.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains(" warning driver_lost driver=fake why=\"the engine is down; start it\"", fleet.LogText.ToString(), StringComparison.Ordinal);
        fleet.Driver.OnList = () => Task.CompletedTask;
        await Quiet.UntilAsync(
            () =>
            {
                fleet.Time.Advance(Backoff.Cap);
                return fleet.Manager.Known.IsCompleted;
            },
            "it sees");
        Assert.Contains(" info driver_back ", fleet.LogText.ToString(), StringComparison.Ordinal);
        Assert.Null((await fleet.SettleAsync()).Blindness);
    }

    private static Task RoutesAsync(FleetFixture fleet, params string[] names) =>
        Quiet.UntilAsync(() => fleet.Plane.Names.SequenceEqual(names), $"the table has {string.Join(',', names)}");
}
