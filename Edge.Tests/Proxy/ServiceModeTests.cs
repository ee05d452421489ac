using System.Net.Sockets;
using System.Text;
using Edge.Config;
using Edge.Proxy;
using Edge.Routing;
using Edge.Telemetry;
using Edge.Tests.Backends;
using static Edge.Tests.Proxy.QueuedRequests;

namespace Edge.Tests.Proxy;

/// <summary>Services that are paused or stopped: what becomes of requests for them, and of those for others.</summary>
public sealed class ServiceModeTests
{

    private static TestBalancer Balancer(Func<EdgeOptions, EdgeOptions>? change = null, params Backend[] backends) =>
        new(s => (change?.Invoke(s) ?? s) with { Loops = 1 }, null, backends);

    private static void Enter(TestBalancer balancer, ServiceMode mode) => balancer.Plane.Change(routing => routing.With(Service.Default, mode));

    [Fact]
    public async Task Requests_of_a_paused_service_wait_and_go_to_the_replicas_in_their_order()
    {
        var order = new List<string>();
        var backend = new Backend(async wire =>
        {
            while (true)
            {
                order.Add((await wire.ReadMessageAsync()).StartLine.Split(' ')[1]);
                await wire.SendAsync(Scripts.Ok);
            }
        });
        await using TestBalancer balancer = Balancer(s => s with { Overload = new OverloadOptions { InFlight = 1 } }, backend);
        Enter(balancer, ServiceMode.Paused);
        var clients = new List<Wire>();
        for (int i = 0; i < 5; i++)
        {
            clients.Add(await AskAsync(balancer, $"POST /{i} HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc"));
            await WaitAsync(balancer, i + 1);
        }

        Assert.Equal(0, backend.Connections);

        // Another table, and other options, open nothing.
        balancer.Plane.Publish(Service.Default, new ReplicaTable(balancer.Replicas));
        balancer.Plane.Change(routing => routing.With(Service.Default, routing.Entries[0]!.Options with { Retries = new() }));
        await balancer.Plane.TurnedAsync();
        await WaitAsync(balancer, 5);
        Assert.Equal(0, backend.Connections);
        Enter(balancer, ServiceMode.Open);
        foreach (Wire client in clients)
        {
            Assert.Equal(200, (await client.ReadMessageAsync()).Status);
            client.Dispose();
        }

        Assert.Equal(["/0", "/1", "/2", "/3", "/4"], order);
        Assert.Equal(200, (await balancer.AskAsync(Get)).Status);
    }

    [Fact]
    public async Task A_paused_service_without_a_replica_holds_its_requests_until_it_has_one()
    {
        await using var backend = new Backend(Scripts.Always(Scripts.Ok));
        await using TestBalancer balancer = Balancer();
        Assert.Equal(503, (await balancer.AskAsync(Get)).Status);
        Enter(balancer, ServiceMode.Paused);
        using Wire client = await AskAsync(balancer);
        await WaitAsync(balancer, 1);
        balancer.Plane.Publish(Service.Default, new ReplicaTable([new Replica(0, "server_1", backend.Address, 1, 1)]));
        Enter(balancer, ServiceMode.Open);
        Assert.Equal(200, (await client.ReadMessageAsync()).Status);
    }

    [Fact]
    public async Task A_request_under_way_is_answered_by_a_service_that_is_paused_or_stopped_meanwhile()
    {
        foreach (ServiceMode mode in new[] { ServiceMode.Paused, ServiceMode.Stopped })
        {
            var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await using TestBalancer balancer = Balancer(null, new Backend(async wire =>
            {
                await wire.ReadHeadAsync();
                reached.TrySetResult();
                await gate.Task;
                await wire.SendAsync(Scripts.Ok);
            }));
            using Wire client = await AskAsync(balancer);
            await reached.Task;
            Enter(balancer, mode);
            await balancer.Plane.TurnedAsync();
            gate.SetResult();
            Assert.Equal(200, (await client.ReadMessageAsync()).Status);
        }
    }

    [Fact]
    public async Task No_more_requests_wait_for_a_paused_service_than_its_queue_has_room_for()
    {
        await using TestBalancer balancer = Balancer(
            s => s with { Overload = new OverloadOptions { Queue = 1 } }, new Backend(Scripts.Always(Scripts.Ok)));
        Enter(balancer, ServiceMode.Paused);
        using Wire first = await AskAsync(balancer);
        await WaitAsync(balancer, 1);
        Message refused = await balancer.AskAsync(Get);
        Assert.Equal((503, "1"), (refused.Status, refused.Field("Retry-After")));
        Assert.Contains("The service is paused, and no more requests can wait for it", refused.Text, StringComparison.Ordinal);
        await CountedAsync(balancer, Reason.ServicePaused, 1);
        Enter(balancer, ServiceMode.Open);
        Assert.Equal(200, (await first.ReadMessageAsync()).Status);
    }

    [Fact]
    public void A_request_waits_longer_for_a_paused_service_than_for_room_and_not_for_ever()
    {
        using var proxy = new HandTurnedProxy(
            new OverloadOptions { InFlight = 1, QueueWait = TimeSpan.FromMilliseconds(50), PauseWait = TimeSpan.FromMilliseconds(600) });
        RequestQueue queue = proxy.Loop.Services.Default.Queue;
        using Socket busy = proxy.Ask();
        proxy.TurnUntil(() => queue.InFlight == 1);

        // In one turn: one begins to wait for room, and goes on waiting for the end of the pause.
        Socket client = proxy.Ask();
        proxy.TurnUntil(() => queue.Count == 1);
        long began = proxy.Loop.Now;
        proxy.Table.Change(routing => routing.With(Service.Default, ServiceMode.Paused));
        proxy.TurnUntil(() => queue.Count == 0);
        Assert.True(proxy.Loop.Now - began >= 500, $"it has waited {proxy.Loop.Now - began} ms");
        string answer = proxy.Receive(client);
        Assert.StartsWith("HTTP/1.1 503 ", answer, StringComparison.Ordinal);
        Assert.Contains("The service is paused, and was not resumed in time for this request", answer, StringComparison.Ordinal);
        Assert.Equal(1, proxy.Loop.Context.Counters.Requests.Failures[(int)Reason.ServicePaused]);
    }

    [Fact]
    public void Those_that_waited_for_a_paused_service_have_the_time_to_wait_for_room_once_more()
    {
        using var proxy = new HandTurnedProxy(
            new OverloadOptions { InFlight = 1, QueueWait = TimeSpan.FromMilliseconds(500), PauseWait = TimeSpan.FromMilliseconds(500) });
        RequestQueue queue = proxy.Loop.Services.Default.Queue;
        proxy.Table.Change(routing => routing.With(Service.Default, ServiceMode.Paused));
        Socket first = proxy.Ask(), second = proxy.Ask();
        proxy.TurnUntil(() => queue.Count == 2);
        long began = proxy.Loop.Now;
        proxy.TurnUntil(() => proxy.Loop.Now - began >= 400);
        proxy.Table.Change(routing => routing.With(Service.Default, ServiceMode.Open));
        proxy.TurnUntil(() => (queue.Count, queue.InFlight) == (1, 1));
        proxy.TurnUntil(() => proxy.Loop.Now - began >= 600);

        // Its time in the pause is over, and it waits for room.
        Assert.Equal(1, queue.Count);
        Socket upstream = proxy.Accept();
        proxy.Answer(upstream);
        proxy.Answer(upstream);
        Assert.All([first, second], s => Assert.StartsWith("HTTP/1.1 200 ", proxy.Receive(s), StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_time_for_the_whole_request_holds_in_a_pause_too()
    {
        await using TestBalancer balancer = Balancer(
            s => s with { Timeouts = new TimeoutOptions { Request = TimeSpan.FromMilliseconds(200) } }, new Backend(Scripts.Always(Scripts.Ok)));
        Enter(balancer, ServiceMode.Paused);
        Assert.Equal(503, (await balancer.AskAsync(Get)).Status);
        await CountedAsync(balancer, Reason.ServicePaused, 1);
    }

    [Fact]
    public async Task A_client_that_leaves_gives_its_place_back()
    {
        await using TestBalancer balancer = Balancer(
            s => s with { Overload = new OverloadOptions { Queue = 1 } }, new Backend(Scripts.Always(Scripts.Ok)));
        Enter(balancer, ServiceMode.Paused);
        Wire first = await AskAsync(balancer);
        await WaitAsync(balancer, 1);
        first.Reset();
        await Quiet.UntilAsync(() => balancer.Plane.Figures(0).Clients == 0, "the client has left");
        using Wire second = await AskAsync(balancer);
        await WaitAsync(balancer, 1);
        Enter(balancer, ServiceMode.Open);
        Assert.Equal(200, (await second.ReadMessageAsync()).Status);
    }

    [Fact]
    public async Task A_stopped_service_answers_at_once_those_that_wait_too()
    {
        var backend = new Backend(Scripts.Always(Scripts.Ok));
        await using TestBalancer balancer = Balancer(null, backend);
        Enter(balancer, ServiceMode.Paused);
        using Wire waits = await AskAsync(balancer);
        await WaitAsync(balancer, 1);
        Enter(balancer, ServiceMode.Stopped);
        Message answer = await waits.ReadMessageAsync();
        Assert.Equal((503, "30"), (answer.Status, answer.Field("Retry-After")));

        // The connection goes on: after a whole body, and behind a head alone.
        foreach (string request in new[] { Get, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc", Get })
        {
            await waits.SendAsync(request);
            answer = await waits.ReadMessageAsync();
            Assert.Equal((503, "30", "keep-alive"), (answer.Status, answer.Field("Retry-After"), answer.Field("Connection")));
            Assert.Contains("The service is stopped", answer.Text, StringComparison.Ordinal);
        }

        // It is not waited for a body that is still to come.
        answer = await balancer.AskAsync("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\n");
        Assert.Equal((503, "close"), (answer.Status, answer.Field("Connection")));
        Assert.Equal(400, (await balancer.AskAsync("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n")).Status);
        await CountedAsync(balancer, Reason.ServiceStopped, 5);
        Assert.Equal(0, backend.Connections);
        Enter(balancer, ServiceMode.Open);
        await waits.SendAsync(Get);
        Assert.Equal(200, (await waits.ReadMessageAsync()).Status);
    }

    [Fact]
    public async Task Browsers_get_the_page_for_maintenance_and_else_the_page_for_errors()
    {
        byte[] sorry = Encoding.UTF8.GetBytes("sorry"), soon = Encoding.UTF8.GetBytes("back soon");
        await using TestBalancer balancer = Balancer(
            s => s with { Answers = new AnswerOptions { Page = sorry, WhileStopped = soon }, Overload = new OverloadOptions { Queue = 0 } },
            new Backend(Scripts.Always(Scripts.Ok)));
        const string Html = "GET / HTTP/1.1\r\nHost: h\r\nAccept: text/html\r\n\r\n";
        foreach ((ServiceMode mode, string retryAfter) in new[] { (ServiceMode.Stopped, "30"), (ServiceMode.Paused, "1") })
        {
            Enter(balancer, mode);
            Message page = await balancer.AskAsync(Html);
            Assert.Equal((503, "back soon", retryAfter), (page.Status, page.Text, page.Field("Retry-After")));
            Assert.Equal("no-store", page.Field("Cache-Control"));
            Assert.Equal("application/json", (await balancer.AskAsync(Get)).Field("Content-Type"));
            Message head = await balancer.AskAsync(Html.Replace("GET", "HEAD", StringComparison.Ordinal), bodiless: true);
            Assert.Equal((503, "9"), (head.Status, head.Field("Content-Length")));
        }

        balancer.Plane.Change(routing => routing.With(Service.Default, routing.Entries[0]!.Options with { Answers = new AnswerOptions { Page = sorry } }));
        Assert.Equal("sorry", (await balancer.AskAsync(Html)).Text);
        Enter(balancer, ServiceMode.Stopped);
        Assert.Equal("sorry", (await balancer.AskAsync(Html)).Text);
        var alone = new AnswerOptions { WhileStopped = soon };
        balancer.Plane.Change(routing => routing.With(Service.Default, routing.Entries[0]!.Options with { Answers = alone }));
        Assert.Equal("back soon", (await balancer.AskAsync(Html)).Text);
    }

    [Fact]
    public async Task What_a_service_asks_of_its_clients_it_asks_while_it_is_stopped_too()
    {
        await using TestBalancer balancer = Balancer(
            s => s with { Access = new AccessOptions { Allow = ["192.0.2.0/24"] } }, new Backend(Scripts.Always(Scripts.Ok)));
        Enter(balancer, ServiceMode.Stopped);
        Assert.Equal(403, (await balancer.AskAsync(Get)).Status);
    }

    [Fact]
    public async Task An_attempt_that_fails_in_a_pause_is_followed_by_another_when_it_is_over()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var fails = new Backend(async wire =>
        {
            await wire.ReadHeadAsync();
            reached.TrySetResult();
            await gate.Task;
        });
        var answers = new Backend(Scripts.Always(Scripts.Ok));
        await using TestBalancer balancer = Balancer(s => s with { Fleet = s.Fleet with { Pick = FleetPick.RoundRobin } }, fails, answers);
        using Wire client = await AskAsync(balancer);
        await reached.Task;
        Enter(balancer, ServiceMode.Paused);
        await balancer.Plane.TurnedAsync();
        gate.SetResult();
        await WaitAsync(balancer, 1);
        Assert.Equal(0, answers.Connections);
        Enter(balancer, ServiceMode.Open);
        Assert.Equal(200, (await client.ReadMessageAsync()).Status);
    }

    [Fact]
    public async Task A_pause_of_one_service_is_nothing_to_another_and_ends_with_the_service()
    {
        var shop = new Service(1, "shop");
        await using var backend = new Backend(Scripts.Always(Scripts.Ok));
        await using TestBalancer balancer = Balancer(null, new Backend(Scripts.Always(Scripts.Ok)));
        balancer.Plane.Change(routing => routing.WithNew(shop, routing.Entries[0]!.Options)
            .With(shop, new ReplicaTable([new Replica(100, "shop_1", backend.Address, 1, 1)]))
            .With(new RouteMap([new Route("shop.example", "", shop.Number)])).With(shop, ServiceMode.Paused));
        using Wire waits = await AskAsync(balancer, "GET / HTTP/1.1\r\nHost: shop.example\r\n\r\n");
        await WaitAsync(balancer, 1);
        Assert.Equal(200, (await balancer.AskAsync(Get)).Status);
        balancer.Plane.Change(routing => routing.With(RouteMap.Empty).Without(shop));
        Assert.Equal(503, (await waits.ReadMessageAsync()).Status);
        Assert.Equal(0, backend.Connections);
    }
}
