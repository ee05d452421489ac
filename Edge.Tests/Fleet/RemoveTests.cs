using Edge.Fleet;

namespace Edge.Tests.Fleet;

public sealed class RemoveTests
{
    [Fact]
    public async Task A_replica_leaves_the_table_then_is_drained_then_is_stopped()
    {
        await using FleetFixture fleet = await FleetFixture.StartAsync();
        int before = fleet.Journal.Entries.Count;
        FleetAnswer answer = await fleet.RemoveAsync(1, "server_2");
        Assert.Null(answer.Refusal);
        Assert.Equal(["server_1", "server_3"], answer.Running);
        Assert.Equal(
            ["publish server_1,server_3", "release server_2", "stop server_2", "Remove server_2"],
            fleet.Journal.Entries.Skip(before).Where(e => !e.StartsWith("timer", StringComparison.Ordinal)));
        Assert.Equal(["server_1", "server_3"], fleet.Driver.Running);
        Assert.Equal(2, fleet.Plane.Held.Count);
    }

    [Fact]
    public async Task It_is_listed_no_more_while_it_drains_and_the_answer_waits()
    {
        await using FleetFixture fleet = await FleetFixture.StartAsync();
        var drained = new TaskCompletionSource();
        fleet.Plane.OnRelease = _ => drained.Task;
        Task<FleetAnswer> removing = fleet.RemoveAsync(1, "server_2");
        await fleet.Journal.WaitAsync("release server_2");
        Assert.Equal(ReplicaState.Draining, (await fleet.SettleAsync("server_2")).State);
        Assert.Equal(["server_1", "server_3"], fleet.Manager.Snapshot.Running);
        Assert.False(removing.IsCompleted);
        drained.SetResult();
        Assert.Equal(["server_1", "server_3"], (await removing).Running);
    }

    [Fact]
    public async Task Two_calls_at_once_never_remove_the_same_replica()
    {
        await using FleetFixture fleet = await FleetFixture.StartAsync(replicas: 6);
        var drained = new TaskCompletionSource();
        fleet.Plane.OnRelease = _ => drained.Task;
        Task<FleetAnswer>[] removing = [fleet.RemoveAsync(2), fleet.RemoveAsync(1, "server_4"), fleet.RemoveAsync(2)];
        FleetAnswer tooMany = await fleet.RemoveAsync(2);
        Assert.Equal("n is 2, but there are only 1 replicas to remove", tooMany.Refusal!.Message);
        drained.SetResult();
        FleetAnswer[] answers = await Task.WhenAll(removing);
        FleetAnswer[] refused = [.. answers.Where(a => a.Refusal is not null)];

        // The named one may have been chosen by chance before its call arrived; then that call is told so.
        Assert.All(refused, a => Assert.Equal("hostname 'server_4' is being removed already", a.Refusal!.Message));
        Assert.Equal(refused.Length + 1, fleet.Driver.Running.Count());
    }

    [Fact]
    public async Task Replicas_that_the_call_does_not_name_are_chosen_at_random()
    {
        var left = new HashSet<string>();
        for (int seed = 0; seed < 12; seed++)
        {
            await using FleetFixture fleet = await FleetFixture.StartAsync(replicas: 3);
            for (int i = 0; i < seed; i++)
            {
                await fleet.RemoveAsync(1);
                await fleet.AddAsync(1);
            }

            left.Add(string.Join(',', (await fleet.RemoveAsync(1)).Running));
        }

        Assert.True(left.Count > 1, "the same one was removed each time");
    }

    [Theory]
    [InlineData(1, 2, CallRefusalKind.Unknown, "hostname 'nobody' is no replica", "nobody")]
    [InlineData(1, 4, CallRefusalKind.Invalid, "n is 4, but there are only 3 replicas to remove")]
    [InlineData(1, 3, CallRefusalKind.Invalid, "n is 3, which would leave 0 replicas, below the minimum of 1")]
    internal async Task What_cannot_be_removed_is_refused_and_nothing_changes(int minimum, int n, CallRefusalKind kind, string message, params string[] names)
    {
        await using FleetFixture fleet = await FleetFixture.StartAsync(minimum: minimum);
        FleetAnswer answer = await fleet.RemoveAsync(n, names);
        Assert.Equal(new CallRefusal(kind, message), answer.Refusal);
        Assert.Equal(["server_1", "server_2", "server_3"], fleet.Plane.Names);
        Assert.Equal(3, fleet.Driver.Running.Count());
    }

    [Fact]
    public async Task All_replicas_may_be_removed_if_the_minimum_is_0()
    {
        await using FleetFixture fleet = await FleetFixture.StartAsync();
        Assert.Empty((await fleet.RemoveAsync(3)).Running);
        Assert.Empty(fleet.Plane.Names);
        Assert.Equal(["server_1"], (await fleet.AddAsync(1)).Running);
    }

    [Fact]
    public async Task A_replica_that_is_still_being_added_cannot_be_removed()
    {
        await using FleetFixture fleet = await FleetFixture.StartAsync(replicas: 1);
        fleet.Health.Held.Add("a");
        Task<FleetAnswer> adding = fleet.AddAsync(1, "a");
        await fleet.Journal.WaitAsync("watch a");
        Assert.Equal("hostname 'a' is still being added", (await fleet.RemoveAsync(1, "a")).Refusal!.Message);
        Assert.Equal("n is 2, but there are only 1 replicas to remove", (await fleet.RemoveAsync(2)).Refusal!.Message);
        fleet.Health.Report("a", HealthVerdict.Passed);
        Assert.Null((await adding).Refusal);
        Assert.Empty((await fleet.RemoveAsync(2)).Running);
    }

    [Fact]
    public async Task A_replica_that_cannot_be_stopped_stays_and_comes_back()
    {
        await using FleetFixture fleet = await FleetFixture.StartAsync(replicas: 2);
        fleet.Driver.OnStop = _ => throw new DriverException(DriverFailure.Unavailable, "engine is down");
        FleetAnswer answer = await fleet.RemoveAsync(1, "server_1");
        Assert.Equal(CallRefusalKind.Unavailable, answer.Refusal!.Kind);
        Assert.Equal("'server_1' could not be stopped and stays: engine is down", answer.Refusal.Message);
        await fleet.Journal.WaitAsync("publish server_1,server_2", 2);
        Assert.Equal(["server_1", "server_2"], fleet.Manager.Snapshot.Running);
        fleet.Driver.OnStop = _ => Task.CompletedTask;
        Assert.Equal(["server_2"], (await fleet.RemoveAsync(1, "server_1")).Running);
    }

    [Fact]
    public async Task A_replica_that_dies_while_it_drains_is_gone_even_if_its_stop_fails()
    {
        await using FleetFixture fleet = await FleetFixture.StartAsync(replicas: 2);
        var drained = new TaskCompletionSource();
        fleet.Plane.OnRelease = _ => drained.Task;
        fleet.Driver.OnStop = _ => throw new DriverException(DriverFailure.Failed, "no such container");
        Task<FleetAnswer> removing = fleet.RemoveAsync(1, "server_1");
        await fleet.Journal.WaitAsync("release server_1");
        fleet.Driver.Kill("server_1");

        // The manager has to hear of the death before the stop fails; it is told through another stream.
        while (!(await fleet.SettleAsync()).Replicas.Any(r => r.Name == "server_1") || fleet.Driver.Running.Contains("server_1"))
        {
            await Task.Yield();
        }

        await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => fleet.SettleAsync()));
        drained.SetResult();
        Assert.Equal(["server_2"], (await removing).Running);
    }

    [Fact]
    public async Task A_replica_that_waits_for_its_next_start_can_be_removed()
    {
        await using FleetFixture fleet = await FleetFixture.StartAsync(replicas: 2);
        fleet.Driver.Kill("server_1");
        await fleet.Journal.WaitAsync("publish server_2");
        Assert.Equal(["server_2"], (await fleet.RemoveAsync(1, "server_1")).Running);
        fleet.Time.Advance(Backoff.Cap);
        Assert.Equal(["server_2"], (await fleet.SettleAsync()).Replicas.Select(r => r.Name));
    }
}
