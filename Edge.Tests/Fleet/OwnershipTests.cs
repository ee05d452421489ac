using Edge.Config;
using Edge.Fleet;
using Edge.Tests.Backends;

namespace Edge.Tests.Fleet;

/// <summary>What is done to a replica depends on who made it, and on how it ended.</summary>
public sealed class OwnershipTests
{
    [Theory]
    [InlineData(nameof(ReplicaOrigin.Made))]
    [InlineData(nameof(ReplicaOrigin.Adopted))]
    public async Task A_replica_that_dies_is_started_again_no_matter_who_made_it(string maker)
    {
        ReplicaOrigin origin = Enum.Parse<ReplicaOrigin>(maker);
        await using FleetFixture fleet = await WithAsync(origin);
        fleet.Driver.Kill("web");
        await fleet.Journal.WaitAsync("release web");
        await fleet.RespawnPlannedAsync();
        await AdvanceUntilAsync(fleet, "start web");
        await RoutesAsync(fleet, "web");
        Assert.Equal((origin, 1), ((await fleet.SettleAsync("web")).Origin, (await fleet.SettleAsync("web")).Restarts));
    }

    [Fact]
    public async Task A_listed_replica_leaves_when_it_ends_and_joins_when_it_is_back()
    {
        await using FleetFixture fleet = await WithAsync(ReplicaOrigin.Listed);
        fleet.Driver.Kill("web");
        await Quiet.UntilAsync(() => fleet.Manager.Snapshot.Replicas.Count == 0, "it is let go of");
        Assert.DoesNotContain("start web", fleet.Journal.Entries);
        fleet.Driver.Say(new DriverEvent.Started(fleet.Driver.Put("web", 1, ReplicaOrigin.Listed)));
        await RoutesAsync(fleet, "web");
    }

    [Theory]
    [InlineData(nameof(ReplicaOrigin.Made))]
    [InlineData(nameof(ReplicaOrigin.Adopted))]
    public async Task A_replica_that_is_stopped_from_outside_stays_stopped_until_it_is_started_from_outside(string maker)
    {
        ReplicaOrigin origin = Enum.Parse<ReplicaOrigin>(maker);
        await using FleetFixture fleet = await WithAsync(origin);
        string unit = fleet.Driver["web"].UnitId;
        fleet.Driver.Kill("web", mayBeStopped: true);
        fleet.Driver.Say(new DriverEvent.StoppedFromOutside(unit, "it was stopped"));
        await Quiet.UntilAsync(() => fleet.Manager.Snapshot.Replicas.Single().State == ReplicaState.Stopped, "it is shown as stopped");
        fleet.Time.Advance(TimeSpan.FromHours(1));
        ReplicaSnapshot stopped = await fleet.SettleAsync("web");
        Assert.Equal((ReplicaState.Stopped, "it was stopped"), (stopped.State, stopped.Why));
        Assert.Empty(fleet.Manager.Snapshot.Running);
        Assert.DoesNotContain("start web", fleet.Journal.Entries);

        fleet.Driver.Say(new DriverEvent.Started(fleet.Driver.Put("web", 1, origin, unit)));
        await RoutesAsync(fleet, "web");
        Assert.Equal(0, (await fleet.SettleAsync("web")).Restarts);
    }

    [Fact]
    public async Task A_stop_that_is_reported_after_the_next_start_began_still_holds()
    {
        await using FleetFixture fleet = await WithAsync(ReplicaOrigin.Adopted);
        string unit = fleet.Driver["web"].UnitId;
        var isToStart = new TaskCompletionSource();
        fleet.Driver.OnStart = (_, _) => isToStart.Task;
        fleet.Driver.Kill("web");
        await fleet.Journal.WaitAsync("release web");
        await fleet.RespawnPlannedAsync();
        await AdvanceUntilAsync(fleet, "start web");
        fleet.Driver.Say(new DriverEvent.StoppedFromOutside(unit, "it was stopped"));
        await fleet.SettleAsync();
        isToStart.SetException(new DriverException(DriverFailure.Failed, "no such process"));
        await Quiet.UntilAsync(() => fleet.Manager.Snapshot.Replicas.Single().State == ReplicaState.Stopped, "it is shown as stopped");
    }

    [Fact]
    public async Task After_an_end_that_may_be_a_stop_the_next_start_waits_for_the_settling_time()
    {
        await using FleetFixture fleet = await WithAsync(ReplicaOrigin.Adopted);
        fleet.Driver.Kill("web", mayBeStopped: true);
        await fleet.Journal.WaitAsync($"timer {Healing.StopSettling.TotalSeconds:0.###}");
        fleet.Time.Advance(Healing.StopSettling - TimeSpan.FromMilliseconds(1));
        await fleet.SettleAsync();
        Assert.DoesNotContain("start web", fleet.Journal.Entries);
        fleet.Time.Advance(TimeSpan.FromMilliseconds(2));
        await fleet.Journal.WaitAsync("start web");
    }

    [Fact]
    public async Task An_adopted_replica_that_is_removed_from_outside_is_no_member_any_more()
    {
        await using FleetFixture fleet = await WithAsync(ReplicaOrigin.Adopted);
        string unit = fleet.Driver["web"].UnitId;
        fleet.Driver.Kill("web");
        fleet.Driver.Say(new DriverEvent.Removed(unit, "it was removed"));
        await Quiet.UntilAsync(() => fleet.Manager.Snapshot.Replicas.Count == 0, "it is let go of");
        fleet.Time.Advance(TimeSpan.FromHours(1));
        await fleet.SettleAsync();
        Assert.DoesNotContain("start web", fleet.Journal.Entries);
        Assert.DoesNotContain(fleet.Journal.Entries, e => e.StartsWith("forget", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_made_replica_that_is_removed_from_outside_is_made_again_after_a_pause()
    {
        await using FleetFixture fleet = await WithAsync(ReplicaOrigin.Made);
        string unit = fleet.Driver["web"].UnitId;
        fleet.Driver.Kill("web");
        fleet.Driver.Say(new DriverEvent.Removed(unit, "it was removed"));
        await fleet.Journal.WaitAsync($"timer {Healing.RemovalSettling.TotalSeconds:0.###}");
        fleet.Time.Advance(Healing.RemovalSettling - TimeSpan.FromMilliseconds(1));
        await fleet.SettleAsync();
        Assert.DoesNotContain("start web", fleet.Journal.Entries);
        fleet.Time.Advance(TimeSpan.FromMilliseconds(2));
        await fleet.Journal.WaitAsync("start web");
    }

    [Fact]
    public async Task A_made_replica_that_is_stopped_and_then_removed_from_outside_is_no_member_any_more()
    {
        await using FleetFixture fleet = await WithAsync(ReplicaOrigin.Made);
        string unit = fleet.Driver["web"].UnitId;
        fleet.Driver.Kill("web", mayBeStopped: true);
        fleet.Driver.Say(new DriverEvent.StoppedFromOutside(unit, "it was stopped"));
        fleet.Driver.Say(new DriverEvent.Removed(unit, "it was removed"));
        await Quiet.UntilAsync(() => fleet.Manager.Snapshot.Replicas.Count == 0, "it is let go of");
        fleet.Time.Advance(TimeSpan.FromHours(1));
        await fleet.SettleAsync();
        Assert.DoesNotContain("start web", fleet.Journal.Entries);
    }

    [Fact]
    public async Task A_rename_leaves_the_replica_in_rotation_with_its_figures()
    {
        await using FleetFixture fleet = await WithAsync(ReplicaOrigin.Adopted);
        ObservedReplica before = fleet.Driver["web"];
        fleet.Plane.Table.Replicas[0].CountersOf(0).Requests = 7;
        int published = fleet.Journal.Entries.Count(e => e.StartsWith("publish", StringComparison.Ordinal));
        fleet.Driver.Say(new DriverEvent.Renamed(before.UnitId, "shop"));
        await Quiet.UntilAsync(() => fleet.Manager.Snapshot.Running is ["shop"], "it has its new name");
        Assert.Equal(7, fleet.Manager.Snapshot.Replicas.Single().Totals().Requests);
        Assert.Equal("X-Edge-Replica: shop\r\n", System.Text.Encoding.ASCII.GetString(fleet.Plane.Table.Replicas[0].HeaderLine));
        Assert.Equal(published, fleet.Journal.Entries.Count(e => e.StartsWith("publish", StringComparison.Ordinal)));
        Assert.DoesNotContain("release web", fleet.Journal.Entries);
        Assert.Equal(CallRefusalKind.Unknown, (await fleet.RemoveAsync(1, "web")).Refusal!.Kind);
    }

    [Fact]
    public async Task A_rename_is_one_event_and_no_birth_and_death()
    {
        await using FleetFixture fleet = await WithAsync(ReplicaOrigin.Adopted);
        FleetSnapshot before = fleet.Manager.Snapshot;
        fleet.Driver.Say(new DriverEvent.Renamed(fleet.Driver["web"].UnitId, "shop"));
        await Quiet.UntilAsync(() => fleet.Manager.Snapshot.Running is ["shop"], "it has its new name");
        FleetEvent happened = Assert.Single(FleetEvents.Between(before, fleet.Manager.Snapshot));
        Assert.Equal((FleetEventKind.ReplicaRenamed, "shop", "it was web"), (happened.Kind, happened.Replica!.Name, happened.Why));
    }

    [Fact]
    public async Task A_name_that_another_replica_takes_belongs_to_it_from_then_on()
    {
        await using FleetFixture fleet = await WithAsync(ReplicaOrigin.Adopted);
        string first = fleet.Driver["web"].UnitId;
        ObservedReplica second = fleet.Driver.Put("other", 1, ReplicaOrigin.Adopted);
        fleet.Driver.Say(new DriverEvent.Started(second));
        await RoutesAsync(fleet, "other", "web");
        fleet.Driver.Say(new DriverEvent.Renamed(first, "old_web"));
        fleet.Driver.Say(new DriverEvent.Renamed(second.UnitId, "web"));
        await Quiet.UntilAsync(() => fleet.Manager.Snapshot.Running is ["old_web", "web"], "both have their new names");
        Assert.Equal(second.UnitId, (await fleet.SettleAsync("web")).UnitId);
    }

    [Theory]
    [InlineData(nameof(ReplicaOrigin.Made), "Replace web")]
    [InlineData(nameof(ReplicaOrigin.Adopted), null)]
    [InlineData(nameof(ReplicaOrigin.Listed), null)]
    public async Task A_replica_that_stays_unhealthy_is_made_anew_only_if_the_balancer_made_it(string maker, string? done)
    {
        ReplicaOrigin origin = Enum.Parse<ReplicaOrigin>(maker);
        await using FleetFixture fleet = await WithAsync(origin);
        fleet.Health.Report("web", HealthVerdict.Failed, "it answered 503");
        await RoutesAsync(fleet);
        fleet.Health.Report("web", HealthVerdict.Wedged, "it answered 503");
        await AssertDoneAsync(fleet, done);
        Assert.Contains("warning replica_state name=web state=unhealthy", fleet.LogText.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_adopted_replica_that_stays_unhealthy_is_restarted_if_an_option_says_so()
    {
        await using FleetFixture fleet = await WithAsync(ReplicaOrigin.Adopted, s => s with { Health = new() { Restart = true } });
        fleet.Health.Report("web", HealthVerdict.Failed, "it answered 503");
        fleet.Health.Report("web", HealthVerdict.Wedged, "it answered 503");
        await AssertDoneAsync(fleet, "Restart web");
    }

    [Theory]
    [InlineData(nameof(ReplicaOrigin.Made), "Replace web")]
    [InlineData(nameof(ReplicaOrigin.Adopted), null)]
    [InlineData(nameof(ReplicaOrigin.Listed), null)]
    public async Task A_replica_that_was_never_well_is_made_anew_if_the_balancer_made_it_and_otherwise_warned_of_once(string maker, string? done)
    {
        ReplicaOrigin origin = Enum.Parse<ReplicaOrigin>(maker);
        var fleet = new FleetFixture(s => s with { Health = new() { Restart = true } }, replicas: 0);
        await using FleetFixture _ = fleet;
        fleet.Health.Held.Add("web");
        fleet.Driver.Put("web", 1, origin);
        fleet.Manager.Start();
        await fleet.Journal.WaitAsync("watch web");
        fleet.Health.Report("web", HealthVerdict.NeverWell, "it answered 404");
        fleet.Health.Report("web", HealthVerdict.NeverWell, "it answered 404");
        await AssertDoneAsync(fleet, done);
        string log = fleet.LogText.ToString();
        const string NeverWell = "warning replica_never_well name=web why=\"it answered 404\" check=\"the port";
        Assert.Equal(done is null ? 1 : 0, log.Split('\n').Count(l => l.Contains(NeverWell, StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(nameof(ReplicaOrigin.Made), "Replace web")]
    [InlineData(nameof(ReplicaOrigin.Adopted), null)]
    public async Task A_replica_that_the_driver_objects_to_for_a_minute_is_made_anew_only_if_the_balancer_made_it(string maker, string? done)
    {
        ReplicaOrigin origin = Enum.Parse<ReplicaOrigin>(maker);
        await using FleetFixture fleet = await WithAsync(origin);
        fleet.Driver.Say(new DriverEvent.Objected(fleet.Driver["web"].Id, "web", "its HEALTHCHECK fails"));
        await RoutesAsync(fleet);
        await fleet.Journal.WaitAsync($"timer {DriverSync.Patience.TotalSeconds:0.###}");
        fleet.Time.Advance(DriverSync.Patience);
        await AssertDoneAsync(fleet, done);
    }

    [Theory]
    [InlineData(nameof(ReplicaOrigin.Made))]
    [InlineData(nameof(ReplicaOrigin.Adopted))]
    public async Task A_call_removes_a_replica_no_matter_who_made_it(string maker)
    {
        ReplicaOrigin origin = Enum.Parse<ReplicaOrigin>(maker);
        await using FleetFixture fleet = await WithAsync(origin);
        Assert.Null((await fleet.RemoveAsync(1, "web")).Refusal);
        Assert.Contains("Remove web", fleet.Journal.Entries);
    }

    [Fact]
    public async Task A_call_does_not_remove_a_listed_replica()
    {
        await using FleetFixture fleet = await WithAsync(ReplicaOrigin.Listed);
        Assert.Equal(CallRefusalKind.Conflict, (await fleet.RemoveAsync(1, "web")).Refusal!.Kind);
        Assert.Equal(CallRefusalKind.Invalid, (await fleet.RemoveAsync(1)).Refusal!.Kind);
        Assert.DoesNotContain("Remove web", fleet.Journal.Entries);
    }

    [Fact]
    public async Task A_call_removes_a_stopped_replica_by_its_name_and_never_at_random()
    {
        await using FleetFixture fleet = await WithAsync(ReplicaOrigin.Adopted);
        string unit = fleet.Driver["web"].UnitId;
        fleet.Driver.Kill("web", mayBeStopped: true);
        fleet.Driver.Say(new DriverEvent.StoppedFromOutside(unit, "it was stopped"));
        await Quiet.UntilAsync(() => fleet.Manager.Snapshot.Replicas.Single().State == ReplicaState.Stopped, "it is shown as stopped");
        Assert.Equal(CallRefusalKind.Invalid, (await fleet.RemoveAsync(1)).Refusal!.Kind);
        Assert.Null((await fleet.RemoveAsync(1, "web")).Refusal);
        Assert.Contains($"forget {unit}", fleet.Journal.Entries);
    }

    [Fact]
    public async Task A_replica_that_something_else_is_about_to_start_is_left_to_that()
    {
        await using FleetFixture fleet = await WithAsync(ReplicaOrigin.Adopted);
        fleet.Driver.OnStart = (_, _) => throw new DriverException(DriverFailure.Deferred, "the engine starts it");
        fleet.Driver.Kill("web");
        await fleet.Journal.WaitAsync("release web");
        await fleet.RespawnPlannedAsync();
        await AdvanceUntilAsync(fleet, "start web");
        await fleet.Journal.WaitAsync("timer 5");
        Assert.DoesNotContain("replica_start_failed", fleet.LogText.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_replica_that_does_not_exist_when_it_is_to_be_started_again_is_let_go_of()
    {
        await using FleetFixture fleet = await WithAsync(ReplicaOrigin.Adopted);
        fleet.Driver.OnStart = (_, _) => throw new DriverException(DriverFailure.Gone, "it was removed");
        fleet.Driver.Kill("web");
        await fleet.Journal.WaitAsync("release web");
        await fleet.RespawnPlannedAsync();
        await AdvanceUntilAsync(fleet, "start web");
        await Quiet.UntilAsync(() => fleet.Manager.Snapshot.Replicas.Count == 0, "it is let go of");
    }

    [Fact]
    public async Task The_last_replica_serves_until_it_ends()
    {
        await using FleetFixture fleet = await WithAsync(ReplicaOrigin.Adopted);
        ObservedReplica first = fleet.Driver["web"];
        ObservedReplica second = fleet.Driver.Put("web2", 1, ReplicaOrigin.Adopted);
        fleet.Driver.Say(new DriverEvent.Started(second));
        await RoutesAsync(fleet, "web", "web2");
        fleet.Driver.Say(new DriverEvent.Objected(first.Id, "web", "it was sent signal 15", IsEnding: true));
        await RoutesAsync(fleet, "web2");
        fleet.Driver.Say(new DriverEvent.Objected(second.Id, "web2", "it was sent signal 15", IsEnding: true));
        await RoutesAsync(fleet, "web", "web2");
        Assert.False(fleet.Manager.Snapshot.InPanic);
        fleet.Driver.Kill("web", mayBeStopped: true);
        await RoutesAsync(fleet, "web2");
    }

    [Fact]
    public async Task Requests_wait_for_the_successor_of_the_last_removed_replica_but_not_for_ever()
    {
        await using FleetFixture fleet = await WithAsync(ReplicaOrigin.Adopted);
        string unit = fleet.Driver["web"].UnitId;
        fleet.Driver.Kill("web", mayBeStopped: true);
        fleet.Driver.Say(new DriverEvent.StoppedFromOutside(unit, "it was stopped"));
        fleet.Driver.Say(new DriverEvent.Removed(unit, "it was removed"));
        await Quiet.UntilAsync(() => fleet.Manager.Snapshot.Replicas.Count == 0, "it is let go of");
        Assert.True(fleet.Plane.Table is { Count: 0, IsHealing: true });
        fleet.Time.Advance(TablePublisher.Succession);
        await Quiet.UntilAsync(() => fleet.Plane.Table is { Count: 0, IsHealing: false }, "they wait no longer");
    }

    [Fact]
    public async Task An_adopted_replica_that_did_not_run_at_the_start_is_shown_as_stopped()
    {
        var fleet = new FleetFixture(replicas: 2);
        await using FleetFixture _ = fleet;
        fleet.Driver.Ended.Add(new ReplicaSpec("web", 2, "unit", ReplicaOrigin.Adopted));
        fleet.Manager.Start();
        await fleet.Manager.Steady;
        Assert.Equal((ReplicaState.Stopped, 2), ((await fleet.SettleAsync("web")).State, (await fleet.SettleAsync("web")).Weight));
        Assert.Equal(["server_1"], fleet.Plane.Names);
    }

    [Fact]
    public async Task Nothing_is_started_by_itself_if_the_driver_has_no_image_for_it()
    {
        var fleet = new FleetFixture(replicas: 2);
        await using FleetFixture _ = fleet;
        fleet.Driver.MayFill = false;
        fleet.Manager.Start();
        await fleet.Manager.Known;
        Assert.Empty((await fleet.SettleAsync()).Replicas);
    }

    [Fact]
    public async Task An_ignored_container_is_shown_and_warned_of_once()
    {
        var fleet = new FleetFixture(replicas: 0);
        await using FleetFixture _ = fleet;
        var ignored = new IgnoredReplica("web", "it is on the wrong network");
        fleet.Driver.Ignored.Add(ignored);
        fleet.Manager.Start();
        await fleet.Manager.Known;
        fleet.Driver.Say(new DriverEvent.Watching());
        fleet.Driver.Say(new DriverEvent.Started(fleet.Driver.Put("later")));
        await RoutesAsync(fleet, "later");
        Assert.Equal([ignored], (await fleet.SettleAsync()).Ignored);
        Assert.Single(
            fleet.LogText.ToString().Split('\n'),
            l => l.Contains("warning replica_ignored name=web why=\"it is on the wrong network\"", StringComparison.Ordinal));
    }

    private static async Task<FleetFixture> WithAsync(ReplicaOrigin origin, Func<ServiceOptions, ServiceOptions>? change = null)
    {
        var fleet = new FleetFixture(change ?? (s => s), replicas: 0);
        fleet.Driver.Put("web", 1, origin, unit: "unit-of-web");
        fleet.Manager.Start();
        await fleet.Journal.WaitAsync("publish web");
        return fleet;
    }

    // What was done, or, after anything that may follow has had its time, that nothing was.
    private static async Task AssertDoneAsync(FleetFixture fleet, string? done)
    {
        if (done is not null)
        {
            await fleet.Journal.WaitAsync(done);
            return;
        }

        await fleet.SettleAsync();
        fleet.Time.Advance(TimeSpan.FromHours(1));
        await fleet.SettleAsync();
        Assert.DoesNotContain("stop web", fleet.Journal.Entries);
        Assert.DoesNotContain("start web", fleet.Journal.Entries);
    }

    private static async Task AdvanceUntilAsync(FleetFixture fleet, string entry)
    {
        fleet.Time.Advance(Backoff.Bound(1));
        await fleet.Journal.WaitAsync(entry);
    }

    private static Task RoutesAsync(FleetFixture fleet, params string[] names) =>
        Quiet.UntilAsync(() => fleet.Plane.Names.SequenceEqual(names), $"the table has {string.Join(',', names)}");
}
