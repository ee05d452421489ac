using System.Net;
using System.Net.Sockets;
using System.Text;
using Edge.Config;
using Edge.Contract;
using Edge.Proxy;
using Edge.Routing;
using Edge.Tests.Backends;

namespace Edge.Tests.Proxy;

public class ReleaseTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";

    // Answers only when it is told to.
    private sealed class Gate
    {
        internal TaskCompletionSource Reached { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal TaskCompletionSource Open { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal async Task Script(Wire wire)
        {
            await wire.ReadMessageAsync();
            Reached.TrySetResult();
            await Open.Task;
            await wire.SendAsync(Scripts.Ok);
            await wire.ReadToEndAsync();
        }
    }

    [Fact]
    public async Task A_release_waits_for_what_is_in_flight_and_lets_it_finish()
    {
        var gate = new Gate();
        await using var balancer = new TestBalancer(new Backend(gate.Script));
        Task<Message> asked = balancer.GetAsync();
        await gate.Reached.Task;
        balancer.Plane.Publish(ReplicaTable.Empty);
        Task<DrainReport> released = balancer.Plane.ReleaseAsync(balancer.Replicas[0], TimeSpan.FromSeconds(20));
        Assert.Equal(503, (await balancer.GetAsync()).Status);
        Assert.False(released.IsCompleted);
        gate.Open.SetResult();
        Assert.Equal(200, (await asked).Status);
        DrainReport drained = await released;
        Assert.Equal((1, 0, 0), (drained.Finished, drained.Retried, drained.Cut));
    }

    [Fact]
    public async Task A_release_cuts_what_does_not_finish_in_time()
    {
        var gate = new Gate();
        await using var balancer = new TestBalancer(new Backend(gate.Script));
        Task<Message> asked = balancer.GetAsync();
        await gate.Reached.Task;
        balancer.Plane.Publish(ReplicaTable.Empty);
        DrainReport drained = await balancer.Plane.ReleaseAsync(balancer.Replicas[0], TimeSpan.FromMilliseconds(100));
        Assert.Equal((0, 1, 0), (drained.Finished, drained.Retried, drained.Cut));
        Assert.True(drained.LongestMilliseconds > 0);
        Assert.Equal(0, balancer.Replicas[0].Totals().InFlight);
        // There is no other replica, so the client is told that.
        Assert.Equal(503, (await asked).Status);
        gate.Open.SetResult();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_request_that_reached_no_replica_goes_to_another_no_matter_how_often_it_was_tried(bool isLost)
    {
        // A listener whose queue is full accepts no connection, and refuses none: like a container whose network is gone.
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(0);
        var address = (IPEndPoint)listener.LocalEndPoint!;
        using var first = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await first.ConnectAsync(address, TestContext.Current.CancellationToken);
        await using var balancer = new TestBalancer(s => s with { Retries = s.Retries with { Attempts = 1 } }, null, new Backend(Scripts.Echo));
        var gone = new Replica(5, "server_5", address, 1, balancer.Plane.Loops);
        balancer.Plane.Publish(new ReplicaTable([gone]));
        Task<Message> asked = balancer.GetAsync();
        await Quiet.UntilAsync(() => gone.Totals().InFlight == 1, "the request waits for its connection");
        balancer.Plane.Publish(new ReplicaTable(balancer.Replicas));
        DrainReport drained = await balancer.Plane.ReleaseAsync(gone, TimeSpan.FromMilliseconds(10), isLost);
        Assert.Equal((0, 1, 0), (drained.Finished, drained.Retried, drained.Cut));
        Message answer = await asked;
        Assert.Equal((200, "server_1"), (answer.Status, answer.Field("X-Edge-Replica")));
    }

    [Fact]
    public async Task A_request_that_may_not_be_sent_again_is_cut_in_the_end()
    {
        var gate = new Gate();
        await using var balancer = new TestBalancer(new Backend(gate.Script));
        Task<Message> asked = balancer.AskAsync("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx");
        await gate.Reached.Task;
        balancer.Plane.Publish(ReplicaTable.Empty);
        DrainReport drained = await balancer.Plane.ReleaseAsync(balancer.Replicas[0], TimeSpan.FromMilliseconds(100));
        Assert.Equal((0, 0, 1), (drained.Finished, drained.Retried, drained.Cut));
        Assert.Equal(503, (await asked).Status);
        gate.Open.SetResult();
    }

    [Fact]
    public async Task A_released_slot_may_be_given_to_another_replica()
    {
        await using var other = new Backend(Scripts.Echo);
        await using var balancer = new TestBalancer(new Backend(Scripts.Echo));
        Assert.Equal("server_1", (await balancer.GetAsync()).Field("X-Edge-Replica"));
        var successor = new Replica(balancer.Replicas[0].Slot, "server_9", other.Address, 1, balancer.Plane.Loops);
        balancer.Plane.Publish(new ReplicaTable([successor]));
        Assert.Equal(default, await balancer.Plane.ReleaseAsync(balancer.Replicas[0], TimeSpan.FromSeconds(10)));
        for (int i = 0; i < 10; i++)
        {
            Assert.Equal("server_9", (await balancer.GetAsync()).Field("X-Edge-Replica"));
        }
    }

    [Fact]
    public void A_replica_that_is_let_go_of_in_a_turn_gets_nothing_of_what_is_left_of_that_turn()
    {
        using var proxy = new HandTurnedProxy();
        Socket client = proxy.Ask();
        Socket upstream = proxy.Accept();
        proxy.Answer(upstream);
        Assert.Contains("X-Edge-Replica: server_1\r\n", proxy.Receive(client), StringComparison.Ordinal);

        // All of it comes about after the loop has looked at the table for this turn, and before the client's request, which is in the same turn.
        var released = new TaskCompletionSource<DrainReport>();
        proxy.Loop.Post(() =>
        {
            proxy.Table.Publish(Service.Default, new ReplicaTable([proxy.NewReplica("server_2")]));
            proxy.Loop.Release(proxy.Replica, released);
        });
        HandTurnedProxy.Ask(client, "/");
        proxy.Loop.Turn();
        Assert.True(released.Task.IsCompleted);
        upstream = proxy.Accept();
        proxy.Answer(upstream);
        Assert.Contains("X-Edge-Replica: server_2\r\n", proxy.Receive(client), StringComparison.Ordinal);

        // The slot is the other's alone.
        HandTurnedProxy.Ask(client, "/");
        proxy.Answer(upstream);
        Assert.Contains("X-Edge-Replica: server_2\r\n", proxy.Receive(client), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Swaps_under_load_lose_and_mix_up_nothing()
    {
        Backend[] backends = [new(Scripts.Echo), new(Scripts.Echo), new(Scripts.Echo)];
        await using var balancer = new TestBalancer(backends);
        using var stop = new CancellationTokenSource();
        Task<int>[] clients = [.. Enumerable.Range(0, 16).Select(c => AskUntilAsync(balancer, c, stop.Token))];
        Replica[] current = balancer.Replicas;
        for (int i = 0; i < 200; i++)
        {
            // One leaves and comes back in another slot, as a replica does that is removed and added.
            Replica leaving = current[i % 3];
            Replica coming = new(3 + i % 5 * 3 + i % 3, leaving.Name, leaving.Address, 1 + i % 4, balancer.Plane.Loops);
            current = [.. current.Where(r => r != leaving), coming];
            balancer.Plane.Publish(new ReplicaTable(current));
            DrainReport drained = await balancer.Plane.ReleaseAsync(leaving, TimeSpan.FromSeconds(20));
            Assert.Equal((0, 0), (drained.Retried, drained.Cut));
            current = [.. current.OrderBy(r => r.Name, StringComparer.Ordinal)];
        }

        await stop.CancelAsync();
        int[] answered = await Task.WhenAll(clients);
        Assert.All(answered, n => Assert.NotEqual(0, n));
        Assert.All(current, r => Assert.Equal(0, r.Totals().InFlight));
    }

    // Each request carries a number of its own, and so has to its answer.
    private static async Task<int> AskUntilAsync(TestBalancer balancer, int client, CancellationToken stop)
    {
        using Wire wire = await balancer.ConnectAsync();
        int answered = 0;
        while (!stop.IsCancellationRequested)
        {
            string token = $"/{client}/{answered}";
            await wire.SendAsync($"POST {token} HTTP/1.1\r\nHost: h\r\nContent-Length: {token.Length}\r\n\r\n{token}");
            Message answer = await wire.ReadMessageAsync();
            Assert.Equal(200, answer.Status);
            Assert.StartsWith($"POST {token} HTTP/1.1\r\n", answer.Text);
            Assert.EndsWith("\r\n\r\n" + token, answer.Text);
            answered++;
        }

        return answered;
    }

    [Fact]
    public async Task The_end_lets_requests_finish_and_takes_no_more()
    {
        var gate = new Gate();
        await using var backend = new Backend(gate.Script);
        var balancer = new TestBalancer(backend);
        Task<Message> asked = balancer.GetAsync();
        await gate.Reached.Task;
        using Wire idle = await balancer.ConnectAsync();
        Task stopped = balancer.Plane.StopAsync(TimeSpan.FromSeconds(20));
        Assert.Equal("", await idle.ReadToEndAsync());
        await Assert.ThrowsAsync<System.Net.Sockets.SocketException>(balancer.ConnectAsync);
        Assert.False(stopped.IsCompleted);
        gate.Open.SetResult();
        Message answer = await asked;
        Assert.Equal(200, answer.Status);
        Assert.Equal("close", answer.Field("Connection"));
        await stopped;
    }

    [Fact]
    public async Task Local_paths_are_answered_by_the_control_plane_and_others_are_not()
    {
        ControlRequest? seen = null;
        var backend = new Backend(Scripts.Echo);
        await using var balancer = new TestBalancer(null, request =>
        {
            seen = request;
            return Task.FromResult(new ControlResponse(409, Encoding.ASCII.GetBytes("no"), [new("X-Reason", "because")]));
        }, backend);
        Message answer = await balancer.AskAsync(
            "POST /add?x=1 HTTP/1.1\r\nHost: h:1\r\nAuthorization: Bearer t\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{\"\r\n1\r\n}\r\n0\r\n\r\n");
        Assert.Equal(409, answer.Status);
        Assert.Equal("no", answer.Text);
        Assert.Equal("because", answer.Field("X-Reason"));
        Assert.NotNull(seen);
        Assert.Equal(("POST", "/add", "x=1", "Bearer t", "h:1"), (seen.Method, seen.Path, seen.Query, seen.Authorization, seen.Host));
        Assert.Equal("{\"}", Encoding.ASCII.GetString(seen.Body.Span));
        Assert.Equal(System.Net.IPAddress.Loopback, seen.Peer);

        seen = null;
        foreach (string path in new[] { "/reps", "/addx", "/", "/edge", "/Rep", "/heartbeats" })
        {
            Assert.Equal(200, (await balancer.GetAsync(path)).Status);
        }

        Assert.Null(seen);
    }

    [Fact]
    public async Task The_heartbeat_needs_neither_replica_nor_control_plane()
    {
        await using var balancer = new TestBalancer(null, _ => throw new InvalidOperationException("must not be asked"));
        using Wire client = await balancer.ConnectAsync();
        await client.SendAsync(
            "GET /heartbeat HTTP/1.1\r\nHost: h\r\n\r\nHEAD /heartbeat?x HTTP/1.1\r\nHost: h\r\n\r\nPUT /heartbeat HTTP/1.1\r\nHost: h\r\n\r\n"
            + "GET /heartbeat HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello"
            + "PUT /heartbeat HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n");
        Message get = await client.ReadMessageAsync();
        Assert.Equal((200, ""), (get.Status, get.Text));
        Assert.Equal(200, (await client.ReadMessageAsync(bodiless: true)).Status);
        Message put = await client.ReadMessageAsync();
        Assert.Equal(405, put.Status);
        Assert.Equal("GET, HEAD", put.Field("Allow"));
        Message withBody = await client.ReadMessageAsync();
        Assert.Equal((200, ""), (withBody.Status, withBody.Text));
        Assert.Equal((405, "GET, HEAD"), ((put = await client.ReadMessageAsync()).Status, put.Field("Allow")));
    }

    [Theory]
    [InlineData("GET", "", "")]
    [InlineData("GET", "Content-Length: 5\r\n", "hello")]
    [InlineData("GET", "Transfer-Encoding: chunked\r\n", "5\r\nhello\r\n0\r\n\r\n")]
    [InlineData("HEAD", "Content-Length: 5\r\n", "hello")]
    public async Task While_the_balancer_ends_the_heartbeat_says_so_with_a_body_as_without(string method, string fields, string body)
    {
        var balancer = new TestBalancer(s => s with { Loops = 1 }, _ => throw new InvalidOperationException("must not be asked"));
        using Wire client = await balancer.ConnectAsync();
        await client.SendAsync($"{method} /heartbeat HTTP/1.1\r\n");
        await Quiet.UntilAsync(() => balancer.Plane.Report()[0].Connections == 1, "it is accepted");
        Task stopping = balancer.Plane.StopAsync(TimeSpan.FromSeconds(20));
        await Quiet.UntilAsync(() => IsRefused(balancer.Plane.Endpoint), "it takes no more clients");
        await client.SendAsync($"Host: h\r\n{fields}\r\n{body}");
        Message answer = await client.ReadMessageAsync(bodiless: true);
        Assert.Equal((503, "close"), (answer.Status, answer.Field("Connection")));
        await stopping;
    }

    private static bool IsRefused(System.Net.IPEndPoint endpoint)
    {
        using var socket = new System.Net.Sockets.Socket(System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp);
        try
        {
            socket.Connect(endpoint);
            return false;
        }
        catch (System.Net.Sockets.SocketException)
        {
            return true;
        }
    }

    [Fact]
    public async Task Apart_the_public_address_forwards_every_path_and_the_control_address_none()
    {
        var backend = new Backend(Scripts.Echo);
        await using var balancer = new TestBalancer(
            s => s with { Control = new() { Listen = "127.0.0.2:0" } }, null, backend);
        Assert.StartsWith("GET /rep HTTP/1.1", (await balancer.GetAsync("/rep")).Text);
        Assert.StartsWith("GET /heartbeat HTTP/1.1", (await balancer.GetAsync("/heartbeat")).Text);
        using Wire control = await Wire.ConnectAsync(balancer.Plane.ControlEndpoint!);
        await control.SendAsync(Get);
        Assert.Equal("{}", (await control.ReadMessageAsync()).Text);
    }

    [Fact]
    public async Task A_replica_is_free_when_the_loops_have_ended_whoever_lets_go_of_it_then()
    {
        var plane = new DataPlane(
            new EdgeOptions { Listen = "127.0.0.1:0", Loops = 2 }, _ => Task.FromResult(new ControlResponse(200, default, [])), TimeProvider.System);
        plane.Start();
        await plane.StopAsync(TimeSpan.FromSeconds(5));
        var replica = new Replica(0, "server_1", new IPEndPoint(IPAddress.Loopback, 9), 1, 2);
        Assert.Equal(default, await plane.ReleaseAsync(replica, TimeSpan.FromMilliseconds(1)).WaitAsync(TimeSpan.FromSeconds(20)));
    }
}
