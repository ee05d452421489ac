using Edge.Fleet;
using Edge.Tests.Backends;

namespace Edge.Tests.Fleet;

/// <summary>What the fleet learns of when something else has happened since: names that went on to another, and starts of what was let go of.</summary>
public sealed class OvertakenTests
{
    [Fact]
    public async Task A_stopped_replica_is_adopted_under_a_name_that_another_member_has_for_a_moment()
    {
        await using var fleet = new FleetFixture(replicas: 0);
        var listed = new TaskCompletionSource();
        fleet.Driver.OnList = () => listed.Task;
        fleet.Manager.Start();
        fleet.Driver.Say(new DriverEvent.Started(fleet.Driver.Put("a", 1, ReplicaOrigin.Adopted)));
        fleet.Driver.Say(new DriverEvent.Started(fleet.Driver.Put("b", 1, ReplicaOrigin.Adopted)));
        await RoutesAsync(fleet, "a", "b");

        // In the list each has another name, and the lowest name that the balancer would give belongs to a stopped replica.
        fleet.Driver.Rename("b", "c");
        fleet.Driver.Rename("a", "b");
        fleet.Driver.Ended.Add(new ReplicaSpec("server_1", 1, "unit-of-server_1", ReplicaOrigin.Adopted));
        listed.SetResult();
        await Quiet.UntilAsync(() => fleet.Manager.Snapshot.Running is ["b", "c"], "both have their names");
        await Quiet.UntilAsync(
            () => fleet.Manager.Snapshot.Replicas.Any(r => r is { Name: "server_1", State: ReplicaState.Stopped }), "the stopped one has its own");
        Assert.Equal(3, fleet.Manager.Snapshot.Replicas.Count);
    }

    [Fact]
    public async Task A_start_that_fails_after_its_replica_was_let_go_of_does_not_touch_the_next_replica_of_that_name()
    {
        await using FleetFixture fleet = await WithGatedStartAsync(out TaskCompletionSource start);
        fleet.Driver.Say(new DriverEvent.Started(fleet.Driver.Put("web", 1, ReplicaOrigin.Adopted)));
        await RoutesAsync(fleet, "web");
        start.SetException(new DriverException(DriverFailure.Gone, "it was removed"));
        await fleet.Journal.WaitAsync("start has ended");
        Assert.Equal(ReplicaState.Healthy, (await fleet.SettleAsync("web")).State);
        Assert.Equal(["web"], fleet.Plane.Names);
    }

    [Fact]
    public async Task A_start_that_succeeds_after_its_replica_was_let_go_of_takes_no_slot()
    {
        await using FleetFixture fleet = await WithGatedStartAsync(out TaskCompletionSource start);
        int watched = fleet.Journal.Entries.Count(e => e == "watch web");
        start.SetResult();

        // A list finds it.
        await RoutesAsync(fleet, "web");
        await fleet.Journal.WaitAsync("watch web", watched + 1);
        await fleet.SettleAsync("web");
        Assert.Equal(watched + 1, fleet.Journal.Entries.Count(e => e == "watch web"));
        Assert.Equal("web@" + fleet.Driver["web"].Address, Assert.Single(fleet.Plane.Held).Value);
    }

    // An adopted one that died is being started again, and is removed meanwhile.
    private static Task<FleetFixture> WithGatedStartAsync(out TaskCompletionSource start)
    {
        start = new TaskCompletionSource();
        return WithGatedStartAsync(start.Task);
    }

    private static async Task<FleetFixture> WithGatedStartAsync(Task start)
    {
        var fleet = new FleetFixture(replicas: 0);
        fleet.Driver.Put("web", 1, ReplicaOrigin.Adopted, unit: "unit-of-web");
        fleet.Manager.Start();
        await RoutesAsync(fleet, "web");
        fleet.Driver.OnStart = async (_, _) =>
        {
            try
            {
                await start;
            }
            finally
            {
                fleet.Journal.Write("start has ended");
            }
        };
        fleet.Driver.Kill("web");
        await fleet.Journal.WaitAsync("release web");
        await fleet.RespawnPlannedAsync();
        fleet.Time.Advance(Backoff.Bound(1));
        await fleet.Journal.WaitAsync("start web");
        fleet.Driver.Say(new DriverEvent.Removed("unit-of-web", "it was removed"));
        await Quiet.UntilAsync(() => fleet.Manager.Snapshot.Replicas.Count == 0, "it is let go of");
        return fleet;
    }

    private static Task RoutesAsync(FleetFixture fleet, params string[] names) =>
        Quiet.UntilAsync(() => fleet.Plane.Names.SequenceEqual(names), $"the table has {string.Join(',', names)}");
}
