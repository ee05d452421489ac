using Edge.Contract;
using Edge.Proxy;
using Edge.Routing;
using Edge.Telemetry;
using Edge.Tests.Backends;
using Edge.Tests.Fleet;

namespace Edge.Tests.Proxy;

/// <summary>Requests that a drain cuts, because the time for it has run out: they are told, and so is the operator.</summary>
public sealed class DrainTimeoutTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
    private const string Post = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\norder";
    private const string Half = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 500000\r\n\r\nhalf of it";

    private static readonly TimeSpan s_short = TimeSpan.FromMilliseconds(100);

    [Fact]
    public async Task A_replica_and_the_balancer_are_drained_for_as_long_as_the_clock_says()
    {
        TimeSpan hour = TimeSpan.FromHours(1);
        var journal = new Journal();
        var time = new FakeTime(journal);
        await using var backend = new Backend(Scripts.NeverAnswers);
        await using var other = new Backend(Scripts.NeverAnswers);
        var balancer = new TestBalancer(null, null, null, time, backend, other);
        balancer.Plane.Publish(new ReplicaTable([balancer.Replicas[0]]));
        Task<Message> asked = balancer.GetAsync();
        await Quiet.UntilAsync(() => balancer.Replicas[0].Totals().InFlight == 1, "the first replica has the request");
        balancer.Plane.Publish(ReplicaTable.Empty);
        Task<DrainReport> released = balancer.Plane.ReleaseAsync(balancer.Replicas[0], hour);
        await journal.WaitAsync("timer 3600");
        time.Advance(hour - TimeSpan.FromSeconds(1));
        Assert.False(released.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(1));
        DrainReport drained = await released.WaitAsync(TimeSpan.FromSeconds(20));
        Assert.Equal((0, 1, 0), (drained.Finished, drained.Retried, drained.Cut));
        Assert.Equal(503, (await asked).Status);

        balancer.Plane.Publish(new ReplicaTable([balancer.Replicas[1]]));
        asked = balancer.GetAsync();
        await Quiet.UntilAsync(() => balancer.Replicas[1].Totals().InFlight == 1, "the second replica has a request");
        Task stopped = balancer.Plane.StopAsync(2 * hour);
        await journal.WaitAsync("timer 7200");
        Assert.False(stopped.IsCompleted);
        time.Advance(2 * hour);
        Assert.Equal(503, (await asked).Status);
        await stopped.WaitAsync(TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task A_replica_that_is_let_go_of_leaves_no_timer_of_the_time_that_it_had()
    {
        var time = new FakeTime(new Journal());
        await using var balancer = new TestBalancer(null, null, null, time, new Backend(Scripts.Echo));
        Assert.Equal(200, (await balancer.GetAsync()).Status);
        int before = time.Pending;
        for (int i = 0; i < 10; i++)
        {
            balancer.Plane.Publish(ReplicaTable.Empty);
            await balancer.Plane.ReleaseAsync(balancer.Replicas[0], TimeSpan.FromHours(1));
            balancer.Plane.Publish(new ReplicaTable(balancer.Replicas));
        }

        // The last one goes right behind the answer.
        await Quiet.UntilAsync(() => time.Pending == before, "no timer is left");
    }

    [Fact]
    public async Task When_the_balancer_ends_requests_that_wait_for_an_answer_get_503()
    {
        await using var backend = new Backend(Scripts.NeverAnswers);
        var never = new TaskCompletionSource<ControlResponse>();
        var balancer = new TestBalancer(s => s with { Loops = 1, Overload = s.Overload with { PerReplica = 3, Queue = 8 } }, _ => never.Task, backend);
        using Wire control = await balancer.ConnectAsync();
        await control.SendAsync("POST /add HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n{}");
        string[] requests = [Get, Post, Half, Get, Post];
        var clients = new List<Wire>();
        foreach (string request in requests)
        {
            Wire client = await balancer.ConnectAsync();
            clients.Add(client);
            await client.SendAsync(request);
        }

        await Quiet.UntilAsync(() => balancer.Plane.Report().Sum(r => r.Waiting) == 2, "two are on the line, and three at the replica");
        Task stopped = balancer.Plane.StopAsync(s_short);
        foreach (Wire client in clients.Append(control))
        {
            Message answer = await client.ReadMessageAsync();
            Assert.Equal((503, "1", "close"), (answer.Status, answer.Field("Retry-After"), answer.Field("Connection")));
            Assert.EndsWith("\",\"status\":\"failure\"}", answer.Text, StringComparison.Ordinal);
            Assert.Equal("", await client.ReadToEndAsync());
            client.Dispose();
        }

        await stopped;
        Assert.Equal(requests.Length, balancer.Plane.Figures(0).Requests.Failures[(int)Reason.DrainTimeout]);
        Assert.Equal(0, balancer.Plane.Figures(0).Requests.Failures[(int)Reason.ClientGone]);
        Assert.Equal((0L, 0L), (balancer.Replicas[0].Totals().Failures, balancer.Replicas[0].Totals().InFlight));
        never.SetResult(new ControlResponse(200, default, []));
    }

    [Theory]
    [InlineData("Content-Length: 10", false)]
    [InlineData("Connection: close", true)]
    public async Task When_the_balancer_ends_an_answer_that_has_begun_is_cut_and_looks_cut(string field, bool isReset)
    {
        await using var backend = new Backend(async wire =>
        {
            await wire.ReadHeadAsync();
            await wire.SendAsync($"HTTP/1.1 200 OK\r\n{field}\r\n\r\nhalf");
            await wire.ReadToEndAsync();
        });
        var balancer = new TestBalancer(s => s with { Loops = 1 }, null, backend);
        using Wire client = await balancer.ConnectAsync();
        await client.SendAsync(Get);
        await client.ReadHeadAsync();
        Assert.Equal("half"u8.ToArray(), await client.ReadExactlyAsync(4));
        Task stopped = balancer.Plane.StopAsync(s_short);
        if (isReset)
        {
            await Assert.ThrowsAsync<System.Net.Sockets.SocketException>(client.ReadToEndAsync);
        }
        else
        {
            Assert.Equal("", await client.ReadToEndAsync());
        }

        client.Dispose();
        await stopped;
        Assert.Equal(1, balancer.Plane.Figures(0).Requests.Failures[(int)Reason.DrainTimeout]);
    }

    [Theory]
    [InlineData(false, 503, nameof(Reason.DrainTimeout), 0)]
    [InlineData(true, 502, nameof(Reason.ReplicaClosed), 1)]
    public async Task POSTs_on_a_removed_replica_get_503_and_those_on_a_dead_one_502(bool isLost, int status, string reason, int failures)
    {
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var balancer = new TestBalancer(s => s with { Loops = 1 }, null, new Backend(async wire =>
        {
            await wire.ReadMessageAsync();
            arrived.SetResult();
            await wire.ReadToEndAsync();
        }));
        Task<Message> asked = balancer.AskAsync(Post);
        await arrived.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        balancer.Plane.Publish(ReplicaTable.Empty);
        DrainReport drained = await balancer.Plane.ReleaseAsync(balancer.Replicas[0], s_short, isLost);
        Message answer = await asked;
        Assert.Equal((status, 1L), (answer.Status, drained.Cut));
        Assert.Equal(status == 503 ? "1" : null, answer.Field("Retry-After"));
        Assert.Equal(1, balancer.Plane.Figures(0).Requests.Failures[(int)Enum.Parse<Reason>(reason)]);
        Assert.Equal(failures, balancer.Replicas[0].Totals().Failures);
    }

    [Fact]
    public async Task A_request_that_may_be_repeated_goes_to_another_replica_and_takes_nothing_of_the_budget()
    {
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var balancer = new TestBalancer(
            s => s with { Loops = 1, Retries = new() { BudgetPercent = 0, BudgetPerSecond = 0 } }, null,
            new Backend(async wire =>
            {
                await wire.ReadMessageAsync();
                arrived.TrySetResult();
                await wire.ReadToEndAsync();
            }),
            new Backend(Scripts.Echo));
        Task<Message>[] asked = [balancer.GetAsync(), balancer.GetAsync()];
        await arrived.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        balancer.Plane.Publish(new ReplicaTable([balancer.Replicas[1]]));
        DrainReport drained = await balancer.Plane.ReleaseAsync(balancer.Replicas[0], s_short);
        Assert.All(await Task.WhenAll(asked), a => Assert.Equal("server_2", a.Field("X-Edge-Replica")));
        Assert.Equal((1L, 0L), (drained.Retried, drained.Cut));
        Assert.Equal(1, balancer.Plane.Figures(0).Retries[(int)Reason.DrainTimeout]);
        Assert.Equal(0, balancer.Replicas[0].Totals().Failures);
    }
}
