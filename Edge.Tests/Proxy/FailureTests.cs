using System.Net;
using System.Net.Sockets;
using Edge.Config;
using Edge.Proxy;
using Edge.Routing;
using Edge.Tests.Backends;

namespace Edge.Tests.Proxy;

public class FailureTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";

    [Theory]
    [InlineData("GARBAGE\r\n\r\n", 400)]
    [InlineData("GET /\r\n\r\n", 400)]
    [InlineData("GET / HTTP/1.1\r\n\r\n", 400)]
    [InlineData("GET / HTTP/1.1\nHost: h\n\n", 400)]
    [InlineData("GET / HTTP/1.1\r\nHost: h\r\nHost: h\r\n\r\n", 400)]
    [InlineData("GET / HTTP/1.1\r\nHost: h\r\nBad Name: 1\r\n\r\n", 400)]
    [InlineData("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400)]
    [InlineData("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: +1\r\n\r\n", 400)]
    [InlineData("CONNECT h:80 HTTP/1.1\r\nHost: h\r\n\r\n", 405)]
    [InlineData("POST / HTTP/1.0\r\n\r\n", 411)]
    [InlineData("POST /add HTTP/1.1\r\nHost: h\r\nContent-Length: 65537\r\n\r\n", 413)]
    [InlineData("GET /{16385} HTTP/1.1\r\nHost: h\r\n\r\n", 414)]
    [InlineData("GET / HTTP/1.1\r\nHost: h\r\nExpect: miracles\r\n\r\n", 417)]
    [InlineData("GET / HTTP/1.1\r\nHost: h\r\nX: {32768}\r\n\r\n", 431)]
    [InlineData("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501)]
    [InlineData("GET / HTTP/2.0\r\nHost: h\r\n\r\n", 505)]
    public async Task A_bad_request_gets_its_status_a_reason_and_a_closed_connection(string request, int status)
    {
        await using var balancer = new TestBalancer(new Backend(Scripts.Echo));
        using Wire client = await balancer.ConnectAsync();
        int brace = request.IndexOf('{');
        if (brace >= 0)
        {
            int end = request.IndexOf('}');
            request = request[..brace] + new string('x', int.Parse(request[(brace + 1)..end])) + request[(end + 1)..];
        }

        await client.SendAsync(request + "GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n");
        Message answer = await client.ReadMessageAsync();
        Assert.Equal(status, answer.Status);
        Assert.Equal("close", answer.Field("Connection"));
        Assert.Equal("application/json", answer.Field("Content-Type"));
        Assert.StartsWith("{\"message\":\"<Error> ", answer.Text);
        Assert.EndsWith("\",\"status\":\"failure\"}", answer.Text);
        Assert.Equal("", await client.ReadToEndAsync());
        Assert.Equal(0, balancer.Replicas[0].Totals().Requests);
    }

    [Theory]
    [InlineData("garbage\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\nContent-Length: 0\n\n")]
    [InlineData("HTTP/1.1 2000 OK\r\n\r\n")]
    [InlineData("HTTP/2 200 OK\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxy")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\n\r\nx")]
    [InlineData("HTTP/1.1 200 OK\r\n folded: x\r\n\r\n")]
    [InlineData("HTTP/1.1 101 Switching Protocols\r\n\r\n")]
    public async Task A_malformed_response_becomes_502(string response)
    {
        var backend = new Backend(Scripts.Always(response));
        await using var balancer = new TestBalancer(s => s with { Loops = 1, Retries = new() { Attempts = 1 } }, null, backend);
        using Wire client = await balancer.ConnectAsync();
        for (int i = 0; i < 2; i++)
        {
            await client.SendAsync(Get);
            Message answer = await client.ReadMessageAsync();
            Assert.Equal(502, answer.Status);
            Assert.Equal("{\"message\":\"<Error> replica server_1 sent a malformed response\",\"status\":\"failure\"}", answer.Text);
        }

        Assert.Equal(2, backend.Connections);
        Assert.Equal(2, balancer.Replicas[0].Totals().Failures);
    }

    [Fact]
    public async Task Without_a_replica_there_is_503_with_Retry_After()
    {
        await using var balancer = new TestBalancer();
        Message answer = await balancer.GetAsync();
        Assert.Equal(503, answer.Status);
        Assert.Equal("1", answer.Field("Retry-After"));
        Assert.Equal("{\"message\":\"<Error> No server container found for this request\",\"status\":\"failure\"}", answer.Text);
    }

    [Fact]
    public async Task A_replica_that_cannot_be_reached_is_passed_over()
    {
        await using var good = new Backend(Scripts.Echo);
        await using var balancer = new TestBalancer(s => s with { Loops = 1, Fleet = new() { Pick = FleetPick.RoundRobin } }, null);
        Replica dead = new(10, "dead", ClosedPort(), 1, 1), alive = new(11, "alive", good.Address, 1, 1);
        balancer.Plane.Publish(new ReplicaTable([dead, alive]));
        for (int i = 0; i < 10; i++)
        {
            Message answer = await balancer.AskAsync("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi");
            Assert.Equal("alive", answer.Field("X-Edge-Replica"));
        }

        Assert.InRange(dead.Totals().Failures, 5, 10);
        Assert.Equal(0, dead.Totals().InFlight);
    }

    [Fact]
    public async Task If_no_replica_can_be_reached_the_client_gets_502()
    {
        await using var balancer = new TestBalancer(s => s with { Loops = 1 }, null);
        balancer.Plane.Publish(new ReplicaTable([new(10, "dead", ClosedPort(), 1, 1)]));
        Message answer = await balancer.GetAsync();
        Assert.Equal(502, answer.Status);
        Assert.Contains("replica dead could not be connected to", answer.Text);
    }

    [Fact]
    public async Task A_stale_pooled_connection_is_not_the_clients_problem()
    {
        await using var balancer = new TestBalancer(s => s with { Loops = 1 }, null, new Backend(Scripts.ResetOnReuse), new Backend(Scripts.ResetOnReuse));
        using Wire client = await balancer.ConnectAsync();
        for (int i = 0; i < 40; i++)
        {
            await client.SendAsync(Get);
            Assert.Equal(200, (await client.ReadMessageAsync()).Status);
        }
    }

    [Fact]
    public async Task A_request_that_may_have_been_executed_is_not_repeated()
    {
        var first = new Backend(Scripts.ResetAfterHead);
        var second = new Backend(Scripts.ResetAfterHead);
        await using var balancer = new TestBalancer(s => s with { Loops = 1 }, null, first, second);
        Message answer = await balancer.AskAsync("POST /pay HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi");
        Assert.Equal(502, answer.Status);
        Assert.Equal(1, first.Connections + second.Connections);
    }

    [Fact]
    public async Task A_safe_request_goes_to_another_replica_when_one_dies_under_it()
    {
        await using var balancer = new TestBalancer(s => s with { Loops = 1 }, null, new Backend(Scripts.ResetAfterHead), new Backend(Scripts.Echo));
        for (int i = 0; i < 10; i++)
        {
            Assert.Equal("server_2", (await balancer.GetAsync()).Field("X-Edge-Replica"));
        }
    }

    [Fact]
    public async Task A_replica_that_never_answers_is_given_up_on()
    {
        await using var balancer = new TestBalancer(
            s => s with { Timeouts = new() { ResponseHead = TimeSpan.FromMilliseconds(100) } }, null, new Backend(Scripts.NeverAnswers));
        Message answer = await balancer.GetAsync();
        Assert.Equal(504, answer.Status);
        Assert.Contains("replica server_1 did not answer in time", answer.Text);
    }

    [Fact]
    public async Task A_replica_that_stops_in_the_middle_of_its_body_is_given_up_on()
    {
        await using var balancer = new TestBalancer(
            s => s with { Timeouts = new() { BodyIdle = TimeSpan.FromMilliseconds(100) } }, null, new Backend(async wire =>
            {
                await wire.ReadMessageAsync();
                await wire.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
                await wire.ReadToEndAsync();
            }));
        using Wire client = await balancer.ConnectAsync();
        await client.SendAsync(Get);
        await client.ReadHeadAsync();
        Assert.Equal("half", await client.ReadToEndAsync());
    }

    [Fact]
    public async Task A_client_that_stops_in_the_middle_of_its_body_is_told_so()
    {
        await using var balancer = new TestBalancer(
            s => s with { Timeouts = new() { BodyIdle = TimeSpan.FromMilliseconds(100) } }, null, new Backend(Scripts.NeverAnswers));
        Message answer = await balancer.AskAsync("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\nhalf");
        Assert.Equal(408, answer.Status);
        Assert.Equal(0, balancer.Replicas[0].Totals().Failures);
    }

    [Fact]
    public async Task A_head_that_does_not_arrive_in_time_is_told_so_however_it_is_spread()
    {
        await using var balancer = new TestBalancer(
            s => s with { Timeouts = new() { RequestHead = TimeSpan.FromMilliseconds(200) } }, null, new Backend(Scripts.Echo));
        using Wire client = await balancer.ConnectAsync();
        await client.SendAsync("GET / HTTP/1.1\r\n");
        Task<Message> answer = client.ReadMessageAsync();
        for (int i = 0; !answer.IsCompleted; i++)
        {
            // Steady progress must not extend the deadline.
            await client.SendAsync($"X-{i}: y\r\n");
            await Task.WhenAny(answer, Task.Delay(20, TestContext.Current.CancellationToken));
        }

        Assert.Equal(408, (await answer).Status);
    }

    [Fact]
    public async Task An_idle_client_is_disconnected_without_a_word()
    {
        await using var balancer = new TestBalancer(
            s => s with { Timeouts = new() { ClientIdle = TimeSpan.FromMilliseconds(100) } }, null, new Backend(Scripts.Echo));
        using Wire fresh = await balancer.ConnectAsync();
        using Wire used = await balancer.ConnectAsync();
        await used.SendAsync(Get);
        await used.ReadMessageAsync();
        Assert.Equal("", await fresh.ReadToEndAsync());
        Assert.Equal("", await used.ReadToEndAsync());
    }

    [Fact]
    public async Task An_idle_connection_to_a_replica_is_closed_after_its_time()
    {
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var balancer = new TestBalancer(
            s => s with { Timeouts = new() { PoolIdle = TimeSpan.FromMilliseconds(100) }, Loops = 1 }, null, new Backend(async wire =>
            {
                await wire.ReadMessageAsync();
                await wire.SendAsync(Scripts.Ok);
                await wire.ReadToEndAsync();
                closed.SetResult();
            }));
        await balancer.GetAsync();
        await closed.Task.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_client_that_goes_away_frees_its_replica()
    {
        var freed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var balancer = new TestBalancer(new Backend(async wire =>
        {
            await wire.ReadMessageAsync();
            freed.SetResult();
            await wire.ReadToEndAsync();
        }));
        Wire client = await balancer.ConnectAsync();
        await client.SendAsync(Get);
        await freed.Task.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        client.Reset();
        await Quiet.UntilAsync(() => balancer.Replicas[0].Totals().InFlight == 0, "the exchange ends with its client");
    }

    [Theory]
    [InlineData("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n", 503)]
    [InlineData("HEAD /rep HTTP/1.1\r\nHost: h\r\n\r\n", 200)]
    [InlineData("HEAD / HTTP/1.1\r\nHost: h\r\nExpect: x\r\n\r\n", 417)]
    public async Task An_answer_of_the_balancers_own_to_HEAD_has_no_body(string request, int status)
    {
        await using var balancer = new TestBalancer();
        using Wire client = await balancer.ConnectAsync();
        await client.SendAsync(request);
        client.Finish();
        string all = await client.ReadToEndAsync();
        Assert.StartsWith($"HTTP/1.1 {status} ", all);
        Assert.DoesNotContain("Content-Length: 0\r\n", all);
        Assert.EndsWith("\r\n\r\n", all);
    }

    [Fact]
    public async Task An_address_that_is_taken_is_refused()
    {
        await using var balancer = new TestBalancer();
        var second = new Edge.Proxy.DataPlane(
            new EdgeOptions { Listen = $"{balancer.Plane.Endpoint}", Loops = 1 }, _ => throw new InvalidOperationException(), TimeProvider.System);
        SocketException e = Assert.Throws<SocketException>(second.Start);
        Assert.Equal(SocketError.AddressAlreadyInUse, e.SocketErrorCode);
    }

    private static IPEndPoint ClosedPort()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return (IPEndPoint)listener.LocalEndPoint!;
    }
}
