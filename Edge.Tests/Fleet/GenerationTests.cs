using Edge.Fleet;
using Edge.Tests.Backends;

namespace Edge.Tests.Fleet;

/// <summary>What members are made of: new ones of what is wanted now, and those that come back of what they were.</summary>
public sealed class GenerationTests
{
    private static readonly ReplicaImage s_first = new("app:1", "sha256:1");
    private static readonly ReplicaImage s_next = new("app:2", "sha256:2");

    [Fact]
    public async Task A_member_comes_back_as_its_own_image_and_generation_and_a_new_one_follows_the_target()
    {
        await using FleetFixture fleet = await FleetFixture.StartAsync();
        Assert.All(fleet.Manager.Snapshot.Replicas, r => Assert.Equal((1, s_first), (r.Generation, r.Image)));
        fleet.Driver.Image = s_next;

        // It ends by itself, and another one is removed from outside.
        fleet.Driver.Kill("server_1");
        fleet.Time.Advance(TimeSpan.FromSeconds(await fleet.RespawnPlannedAsync()));
        await fleet.Journal.WaitAsync("start server_1", 2);
        string unit = fleet.Driver["server_2"].UnitId;
        fleet.Driver.Kill("server_2", silently: true);
        fleet.Driver.Say(new DriverEvent.Removed(unit, "it was removed"));
        await fleet.Journal.WaitAsync("timer 1");
        fleet.Time.Advance(Healing.RemovalSettling);
        await fleet.Journal.WaitAsync("start server_2", 2);
        Assert.All(fleet.Driver.Specs, spec => Assert.Equal((1, s_first), (spec.Generation, spec.Image)));
        Assert.Equal((unit, ReplicaOrigin.Made), (fleet.Driver.Specs.Last().UnitId, fleet.Driver.Specs.Last().Origin));

        Assert.Null((await fleet.AddAsync(1)).Refusal);
        ReplicaSnapshot added = await fleet.SettleAsync("server_4");
        Assert.Equal((2, s_next), (added.Generation, added.Image));
        Assert.Equal([1, 1, 1, 2], fleet.Manager.Snapshot.Replicas.Select(r => r.Generation));
    }

    [Theory]
    [InlineData("sha256:2", 7)]
    [InlineData("sha256:3", 8)]
    public async Task After_a_restart_of_the_balancer_a_new_one_is_of_the_newest_generation_only_where_it_is_of_its_image(string id, int generation)
    {
        await using var fleet = new FleetFixture(replicas: 2);
        fleet.Driver.Put("server_1", image: s_first, generation: 6);
        fleet.Driver.Put("server_2", image: s_next, generation: 7);
        fleet.Driver.Put("web", origin: ReplicaOrigin.Adopted, image: new ReplicaImage("theirs", "sha256:9"));
        fleet.Driver.Image = new ReplicaImage("app:now", id);
        fleet.Manager.Start();
        await fleet.Manager.Steady.WaitAsync(TimeSpan.FromSeconds(20));
        Assert.Empty(fleet.Driver.Specs);
        Assert.Null((await fleet.AddAsync(1)).Refusal);
        Assert.Equal([6, 7, generation, null], (await fleet.SettleAsync()).Replicas.Select(r => r.Generation));
    }

    [Fact]
    public async Task A_replica_that_had_ended_before_the_balancer_started_comes_back_as_its_own_image_and_generation()
    {
        await using var fleet = new FleetFixture(replicas: 1);
        fleet.Driver.Ended.Add(new ReplicaSpec("server_1", 1, "old") { Image = s_first, Generation = 4 });
        fleet.Driver.Image = s_next;
        fleet.Manager.Start();
        await fleet.Manager.Steady.WaitAsync(TimeSpan.FromSeconds(20));
        ReplicaSpec started = Assert.Single(fleet.Driver.Specs);
        Assert.Equal((4, s_first, "old"), (started.Generation, started.Image, started.UnitId));
        Assert.Null((await fleet.AddAsync(1)).Refusal);
        Assert.Equal(5, (await fleet.SettleAsync("server_2")).Generation);
    }

    [Fact]
    public async Task An_addition_fails_and_leaves_nothing_if_there_is_no_image_for_it()
    {
        await using FleetFixture fleet = await FleetFixture.StartAsync(replicas: 1);
        fleet.Driver.OnImage = () => throw new DriverException(DriverFailure.Failed, "there is nothing to make a replica of");
        FleetAnswer answer = await fleet.AddAsync(2);
        Assert.Equal(CallRefusalKind.Failed, answer.Refusal!.Kind);
        Assert.Contains("there is nothing to make a replica of", answer.Refusal.Message, StringComparison.Ordinal);
        Assert.Equal(["server_1"], (await fleet.SettleAsync()).Replicas.Select(r => r.Name));
        Assert.Single(fleet.Driver.Specs);
    }

    [Fact]
    public async Task A_replica_that_is_removed_while_its_image_is_looked_up_is_never_started()
    {
        await using FleetFixture fleet = await FleetFixture.StartAsync(replicas: 1);
        var asked = new TaskCompletionSource();
        var answer = new TaskCompletionSource();
        fleet.Driver.OnImage = () =>
        {
            asked.TrySetResult();
            return answer.Task;
        };
        Task<FleetAnswer> adding = fleet.AddAsync(1);
        await asked.Task.WaitAsync(TimeSpan.FromSeconds(20));

        // Two of the first replica, for its image and its start; one of the question, and one of the call.
        await fleet.Journal.WaitAsync("timer 30", 4);
        fleet.Time.Advance(TimeSpan.FromSeconds(30));
        await Quiet.UntilAsync(() => fleet.Manager.Snapshot.Replicas.Any(r => r.Leaving), "the call has failed");
        answer.SetResult();
        Assert.NotNull((await adding).Refusal);
        Assert.Equal(["server_1"], (await fleet.SettleAsync()).Replicas.Select(r => r.Name));
        Assert.Single(fleet.Driver.Specs);
    }
}
