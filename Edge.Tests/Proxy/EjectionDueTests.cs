using System.Collections.Concurrent;
using Edge.Config;
using Edge.Proxy;
using Edge.Routing;
using Edge.Tests.Backends;

namespace Edge.Tests.Proxy;

public sealed class EjectionDueTests
{
    [Theory]
    [InlineData(false, 5)]
    [InlineData(true, 3)]
    public async Task Failures_in_a_row_are_reported(bool byStatus, int after)
    {
        Func<Wire, Task> script = byStatus ? Scripts.Always("HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n") : Scripts.ResetAfterHead;
        await using var balancer = new TestBalancer(s => s with { Loops = 1, Ejection = new() { Status5xx = true } }, null, new Backend(script));
        var due = new TaskCompletionSource<Replica>();
        balancer.Plane.EjectionDue += replica => due.TrySetResult(replica);
        balancer.Replicas[0].EjectAfter = after;
        while (balancer.Replicas[0].Totals().Requests < after)
        {
            Assert.False(due.Task.IsCompleted);
            await balancer.GetAsync();
        }

        Assert.Same(balancer.Replicas[0], await due.Task.WaitAsync(TimeSpan.FromSeconds(20)));
    }

    [Fact]
    public async Task A_good_answer_in_between_begins_the_count_anew()
    {
        int requests = 0;
        var backend = new Backend(async wire =>
        {
            await wire.ReadMessageAsync();
            if (Interlocked.Increment(ref requests) % 3 == 0)
            {
                // It closes behind the answer, and says so: met in the pool, it would be one more failure.
                await wire.SendAsync("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok");
            }
            else
            {
                wire.Reset();
            }
        });
        await using var balancer = new TestBalancer(s => s with { Loops = 1 }, null, backend);
        int reports = 0;
        balancer.Plane.EjectionDue += _ => Interlocked.Increment(ref reports);
        balancer.Replicas[0].EjectAfter = 3;
        for (int i = 0; i < 20; i++)
        {
            await balancer.GetAsync();
        }

        Assert.True(balancer.Replicas[0].Totals().Failures > 3);
        Assert.Equal(0, reports);
    }

    [Fact]
    public async Task A_status_that_sends_requests_elsewhere_is_a_failure_to_those_that_must_stay_too()
    {
        // Else the orders among the requests would begin the count anew, and the replica stay in for good.
        await using var balancer = new TestBalancer(
            s => s with { Loops = 1, Fleet = new() { Pick = FleetPick.RoundRobin }, Retries = new() { Attempts = 2, Statuses = [503] } },
            null,
            new Backend(Scripts.Always("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n")),
            new Backend(Scripts.Echo));
        var due = new TaskCompletionSource<Replica>();
        balancer.Plane.EjectionDue += replica => due.TrySetResult(replica);
        balancer.Replicas[0].EjectAfter = 3;
        for (int i = 0; i < 4; i++)
        {
            await balancer.GetAsync();
            await balancer.AskAsync("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n");
        }

        Assert.Same(balancer.Replicas[0], await due.Task.WaitAsync(TimeSpan.FromSeconds(20)));
    }

    [Fact]
    public async Task Without_a_number_nothing_is_reported()
    {
        await using var balancer = new TestBalancer(s => s with { Ejection = new() { Failures = 0 } }, null, new Backend(Scripts.ResetAfterHead));
        int reports = 0;
        balancer.Plane.EjectionDue += _ => Interlocked.Increment(ref reports);
        for (int i = 0; i < 10; i++)
        {
            Assert.Equal(502, (await balancer.GetAsync()).Status);
        }

        Assert.Equal(0, reports);
    }

    [Fact]
    public async Task A_stream_that_pauses_counts_against_no_replica()
    {
        await using var balancer = new TestBalancer(
            s => s with { Loops = 1, Timeouts = new() { BodyIdle = TimeSpan.FromMilliseconds(100) } },
            null,
            new Backend(async wire =>
            {
                await wire.ReadMessageAsync();
                await wire.SendAsync("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n:\n\n\r\n");
                await wire.ReadToEndAsync();
            }));
        ConcurrentQueue<Replica> due = Watch(balancer, after: 2);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(async i =>
        {
            // On two routes, so that it is not the route that spares the replica.
            using Wire client = await balancer.ConnectAsync();
            await client.SendAsync($"GET /{(i % 2 == 0 ? "events" : "news")} HTTP/1.1\r\nHost: h\r\n\r\n");
            Assert.Contains("text/event-stream", await client.ReadHeadAsync(), StringComparison.Ordinal);
            await Assert.ThrowsAnyAsync<Exception>(async () => await client.ReadExactlyAsync(1_000));
        }));
        await Quiet.UntilAsync(() => balancer.Replicas[0].Totals().InFlight == 0, "all have ended");
        Assert.Empty(due);
        Assert.Equal(0, balancer.Replicas[0].Totals().Failures);
    }

    [Fact]
    public async Task A_timeout_after_the_client_has_left_counts_against_no_replica()
    {
        var arrived = new CountdownEvent(8);
        await using var balancer = new TestBalancer(
            s => s with { Loops = 1, Timeouts = new() { ResponseHead = TimeSpan.FromMilliseconds(300) }, Retries = new() { Attempts = 1 } },
            null,
            new Backend(async wire =>
            {
                await wire.ReadMessageAsync();
                arrived.Signal();
                await wire.ReadToEndAsync();
            }));
        ConcurrentQueue<Replica> due = Watch(balancer, after: 2);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(async i =>
        {
            // A browser tab that is closed during a long poll: its FIN comes, and the browser does not read any more. A POST, so that it is not called off.
            using Wire client = await balancer.ConnectAsync();
            await client.SendAsync($"POST /{(i % 2 == 0 ? "poll" : "wait")} HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n");
            client.Finish();
            Assert.Contains(" 504 ", await client.ReadHeadAsync(), StringComparison.Ordinal);
        }));
        Assert.True(arrived.IsSet);
        Assert.Empty(due);
        Assert.Equal(0, balancer.Replicas[0].Totals().Failures);
    }

    [Theory]
    [InlineData("")]
    [InlineData("SSH-2.0-OpenSSH_9.2\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n")]
    public async Task Timeouts_and_malformed_answers_of_one_page_eject_no_replica_and_those_of_two_pages_do(string answer)
    {
        await using var balancer = new TestBalancer(
            s => s with { Loops = 1, Timeouts = new() { ResponseHead = TimeSpan.FromMilliseconds(50) }, Retries = new() { Attempts = 1 } },
            null,
            new Backend(async wire =>
            {
                await wire.ReadMessageAsync();
                await wire.SendAsync(answer);
                await wire.ReadToEndAsync();
            }));
        ConcurrentQueue<Replica> due = Watch(balancer, after: 3);
        for (int i = 0; i < 8; i++)
        {
            Assert.InRange((await balancer.GetAsync($"/report/{i}?for={i}")).Status, 502, 504);
        }

        Assert.Empty(due);
        Assert.Equal(8, balancer.Replicas[0].Totals().Failures);

        await balancer.GetAsync("/home");
        Assert.Same(balancer.Replicas[0], Assert.Single(due));
    }

    [Fact]
    public async Task One_page_that_hangs_ejects_a_replica_that_also_fails_its_checks()
    {
        await using var balancer = new TestBalancer(
            s => s with { Loops = 1, Timeouts = new() { ResponseHead = TimeSpan.FromMilliseconds(50) }, Retries = new() { Attempts = 1 } },
            null, new Backend(Scripts.NeverAnswers));
        ConcurrentQueue<Replica> due = Watch(balancer, after: 3);
        for (int i = 0; i < 4; i++)
        {
            await balancer.GetAsync("/report");
        }

        Assert.Empty(due);
        balancer.Replicas[0].FailsChecks = true;
        await balancer.GetAsync("/report");
        Assert.Same(balancer.Replicas[0], Assert.Single(due));
    }

    [Fact]
    public async Task One_page_that_hangs_ejects_a_replica_if_another_replica_answers_that_page()
    {
        // The only page there is: nothing but the other replica tells that it is not the page.
        await using var balancer = new TestBalancer(
            s => s with { Loops = 1, Timeouts = new() { ResponseHead = TimeSpan.FromMilliseconds(50) }, Fleet = new() { Pick = FleetPick.RoundRobin } },
            null, new Backend(Scripts.NeverAnswers), new Backend(Scripts.Echo));
        ConcurrentQueue<Replica> due = Watch(balancer, after: 3);
        for (int i = 0; i < 12 && due.IsEmpty; i++)
        {
            Assert.Equal("server_2", (await balancer.GetAsync("/graphql")).Field("X-Edge-Replica"));
        }

        Assert.Same(balancer.Replicas[0], due.First());
        Assert.Equal(3, balancer.Replicas[0].Totals().Failures);
    }

    [Fact]
    public async Task One_page_that_hangs_on_every_replica_ejects_none_of_them()
    {
        await using var balancer = new TestBalancer(
            s => s with { Loops = 1, Timeouts = new() { ResponseHead = TimeSpan.FromMilliseconds(50) }, Retries = new() { BudgetPerSecond = 1000 } },
            null,
            new Backend(HangsOn("/report")),
            new Backend(HangsOn("/report")),
            new Backend(HangsOn("/report")));
        ConcurrentQueue<Replica> due = Watch(balancer, after: 2);
        for (int i = 0; i < 5; i++)
        {
            Assert.Equal(504, (await balancer.GetAsync("/report")).Status);
        }

        Assert.Empty(due);
        Assert.All(balancer.Replicas, r => Assert.True(r.Totals().Failures > 2));
        Assert.Equal(200, (await balancer.GetAsync("/home")).Status);
    }

    [Fact]
    public async Task Connections_that_break_on_one_page_count_as_failures()
    {
        await using var balancer = new TestBalancer(s => s with { Loops = 1 }, null, new Backend(Scripts.ResetAfterHead));
        ConcurrentQueue<Replica> due = Watch(balancer, after: 3);
        for (int i = 0; i < 3; i++)
        {
            await balancer.GetAsync("/report");
        }

        Assert.Same(balancer.Replicas[0], Assert.Single(due));
    }

    private static Func<Wire, Task> HangsOn(string path) => async wire =>
    {
        while (!(await wire.ReadMessageAsync()).Head.Contains($" {path} ", StringComparison.Ordinal))
        {
            await wire.SendAsync(Scripts.Ok);
        }

        await wire.ReadToEndAsync();
    };

    private static ConcurrentQueue<Replica> Watch(TestBalancer balancer, int after)
    {
        var due = new ConcurrentQueue<Replica>();
        balancer.Plane.EjectionDue += due.Enqueue;
        Array.ForEach(balancer.Replicas, r => r.EjectAfter = after);
        return due;
    }
}
