using System.Net;
using Edge.Config;
using Edge.Routing;
using Edge.Telemetry;
using Edge.Tests.Backends;

namespace Edge.Tests.Proxy;

/// <summary>Several services behind one listener. If one of them fails, the requests of the others go on.</summary>
public sealed class ServiceTests
{
    private const int ShopSlot = 100;

    private static readonly Service s_shop = new(1, "shop");

    private static Backend Answering(string body) => new(async wire =>
    {
        await wire.ReadHeadAsync();
        await wire.SendAsync($"HTTP/1.1 200 OK\r\nContent-Length: {body.Length}\r\n\r\n{body}");
    });

    private static ReplicaTable Shop(params IPEndPoint[] addresses) =>
        new([.. addresses.Select((address, i) => new Replica(ShopSlot + i, $"shop_{i + 1}", address, 1, 1))]);

    // A second service, beside the default one, with a route to it.
    private static void AddShop(TestBalancer balancer, ReplicaTable table) => balancer.Plane.Change(routing =>
        routing.WithNew(s_shop, routing.Entries[0]!.Options).With(s_shop, table).With(new RouteMap([new Route("shop.example", "", s_shop.Number)])));

    private static string Get(string host) => $"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n";

    private static long Waiting(TestBalancer balancer) => balancer.Plane.Report()[0].Waiting;

    private static async Task<Wire> AskAsync(TestBalancer balancer, string host)
    {
        Wire client = await balancer.ConnectAsync();
        await client.SendAsync(Get(host));
        return client;
    }

    [Fact]
    public async Task The_full_queue_of_a_dead_service_delays_no_request_of_another()
    {
        await using Backend shop = Answering("shop"), back = Answering("main");
        await using var balancer = new TestBalancer(
            s => s with { Loops = 1, Overload = new OverloadOptions { Queue = 2, QueueWait = TimeSpan.FromMinutes(1) } }, control: null);
        balancer.Plane.Publish(Service.Default, new ReplicaTable([]) { IsOwned = true, IsHealing = true });
        ReplicaTable open = Shop(shop.Address);
        AddShop(balancer, open);
        using Wire first = await AskAsync(balancer, "main.example"), second = await AskAsync(balancer, "main.example");
        await Quiet.UntilAsync(() => Waiting(balancer) == 2, "both wait for a replica");
        Assert.Equal(503, (await balancer.AskAsync(Get("main.example"))).Status);

        // Of one line, these were behind the two, or had no room in it.
        for (int i = 0; i < 5; i++)
        {
            Assert.Equal("shop", (await balancer.AskAsync(Get("Shop.example:80"))).Text);
        }

        // And a table for the one is nothing to those that wait for the other.
        balancer.Plane.Publish(s_shop, new ReplicaTable(open.Replicas.ToArray()));
        Assert.Equal("shop", (await balancer.AskAsync(Get("shop.example"))).Text);
        Assert.Equal(2, Waiting(balancer));
        balancer.Plane.Publish(Service.Default, new ReplicaTable([new Replica(0, "server_1", back.Address, 1, 1)]));
        Assert.Equal("main", (await first.ReadMessageAsync()).Text);
        Assert.Equal("main", (await second.ReadMessageAsync()).Text);
        Assert.Equal(0, Waiting(balancer));
    }

    [Fact]
    public async Task The_requests_in_flight_of_one_service_leave_room_for_another()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var hangs = new Backend(async wire =>
        {
            await wire.ReadHeadAsync();
            await gate.Task;
            await wire.SendAsync(Scripts.Ok);
        });
        await using Backend shop = Answering("shop");
        await using var balancer = new TestBalancer(
            s => s with { Loops = 1, Overload = new OverloadOptions { InFlight = 1, Queue = 1, QueueWait = TimeSpan.FromMinutes(1) } }, control: null, hangs);
        AddShop(balancer, Shop(shop.Address));
        using Wire first = await AskAsync(balancer, "main.example");
        await Quiet.UntilAsync(() => balancer.Replicas[0].Totals().InFlight == 1, "the first is in flight");
        using Wire second = await AskAsync(balancer, "main.example");
        await Quiet.UntilAsync(() => Waiting(balancer) == 1, "the second waits");
        Assert.Equal(503, (await balancer.AskAsync(Get("main.example"))).Status);
        Assert.Equal("shop", (await balancer.AskAsync(Get("shop.example"))).Text);
        gate.SetResult();
        Assert.Equal(200, (await first.ReadMessageAsync()).Status);
        Assert.Equal(200, (await second.ReadMessageAsync()).Status);
    }

    [Fact]
    public async Task A_service_that_fails_uses_up_only_its_own_retry_budget()
    {
        var dies = new Backend(async wire => await wire.ReadHeadAsync());
        var diesToo = new Backend(async wire => await wire.ReadHeadAsync());
        await using var shopDies = new Backend(async wire => await wire.ReadHeadAsync());
        await using Backend shop = Answering("shop");

        // Ten retries in ten seconds, whatever the requests.
        await using var balancer = new TestBalancer(
            s => s with
            {
                Loops = 1,
                Fleet = s.Fleet with { Pick = FleetPick.RoundRobin },
                Retries = new RetryOptions { BudgetPercent = 0, BudgetPerSecond = 1 },
            },
            control: null,
            dies,
            diesToo);
        AddShop(balancer, Shop(shopDies.Address, shop.Address));
        for (int i = 0; i < 20; i++)
        {
            Assert.Equal(502, (await balancer.AskAsync(Get("main.example"))).Status);
        }

        long retried = Retries(balancer);
        Assert.InRange(retried, 10, 20);
        for (int i = 0; i < 4; i++)
        {
            Assert.Equal("shop", (await balancer.AskAsync(Get("shop.example"))).Text);
        }

        Assert.InRange(Retries(balancer), retried + 1, retried + 4);
    }

    [Fact]
    public async Task The_requests_of_one_connection_go_each_to_its_own_service()
    {
        await using Backend shop = Answering("shop");
        await using var balancer = new TestBalancer(s => s with { Loops = 1 }, control: null, Answering("main"));
        AddShop(balancer, Shop(shop.Address));
        using Wire client = await balancer.ConnectAsync();
        foreach (string host in new[] { "main.example", "shop.example", "shop.example", "main.example" })
        {
            await client.SendAsync(Get(host));
            Assert.Equal(host[..4], (await client.ReadMessageAsync()).Text);
        }

        // Sent ahead, too.
        await client.SendAsync(Get("shop.example") + Get("main.example"));
        Assert.Equal("shop", (await client.ReadMessageAsync()).Text);
        Assert.Equal("main", (await client.ReadMessageAsync()).Text);
    }

    [Fact]
    public async Task A_route_that_strips_its_path_tells_the_replica_which_and_an_ambiguous_path_reaches_nobody()
    {
        await using var shop = new Backend(Echo);
        await using var balancer = new TestBalancer(s => s with { Loops = 1 }, control: null, Answering("main"));
        balancer.Plane.Change(routing => routing.WithNew(s_shop, routing.Entries[0]!.Options).With(s_shop, Shop(shop.Address))
            .With(new RouteMap([new Route("shop.example", "/api", s_shop.Number, Strips: true)])));
        foreach ((string target, string expected) in new[]
        {
            ("/api/items?x=/api", "/items?x=/api"), ("/api", "/"), ("/api?q", "/?q"), ("//api//items", "/items"),
            ("http://shop.example/api/items", "/items"), ("/%61pi/%61", "/%61"),
        })
        {
            string head = (await balancer.AskAsync($"GET {target} HTTP/1.1\r\nHost: shop.example\r\nX-Forwarded-Prefix: /forged\r\n\r\n")).Text;
            Assert.StartsWith($"GET {expected} HTTP/1.1\r\n", head, StringComparison.Ordinal);
            string[] prefixes = [.. head.Split("\r\n").Where(line => line.StartsWith("X-Forwarded-Prefix", StringComparison.OrdinalIgnoreCase))];
            Assert.Equal(["X-Forwarded-Prefix: /api"], prefixes);
        }

        string asked = (await balancer.AskAsync("OPTIONS /api HTTP/1.1\r\nHost: shop.example\r\n\r\n")).Text;
        Assert.StartsWith("OPTIONS / HTTP/1.1\r\n", asked, StringComparison.Ordinal);
        Assert.Equal("main", (await balancer.AskAsync("GET /apis HTTP/1.1\r\nHost: shop.example\r\n\r\n")).Text);
        int before = shop.Connections;
        foreach (string target in new[] { "/x/../api", "/api/%2e%2e/x", "/api%2Fx", "/api;x/y", "/api/..;/x" })
        {
            Message refused = await balancer.AskAsync($"GET {target} HTTP/1.1\r\nHost: shop.example\r\n\r\n");
            Assert.Equal(400, refused.Status);
            Assert.Contains("two things", refused.Text, StringComparison.Ordinal);
        }

        Assert.Equal(before, shop.Connections);
    }

    [Fact]
    public async Task What_waits_for_a_service_that_is_removed_is_answered_and_its_number_is_anothers()
    {
        await using Backend other = Answering("other");
        await using var balancer = new TestBalancer(
            s => s with { Loops = 1, Overload = new OverloadOptions { Queue = 2, QueueWait = TimeSpan.FromMinutes(1) } }, control: null, Answering("main"));
        AddShop(balancer, new ReplicaTable([]) { IsOwned = true, IsHealing = true });
        using Wire waits = await AskAsync(balancer, "shop.example");
        await Quiet.UntilAsync(() => Waiting(balancer) == 1, "it waits for a replica");
        var next = new Service(s_shop.Number, "next");
        balancer.Plane.Change(routing => routing.With(RouteMap.Empty).Without(s_shop).WithNew(next, routing.Entries[0]!.Options)
            .With(next, Shop(other.Address)).With(new RouteMap([new Route("next.example", "", next.Number)])));
        Assert.Equal(503, (await waits.ReadMessageAsync()).Status);
        Assert.Equal("main", (await balancer.AskAsync(Get("shop.example"))).Text);
        Assert.Equal("other", (await balancer.AskAsync(Get("next.example"))).Text);
    }

    [Fact]
    public async Task Options_of_one_service_hold_for_its_requests_alone()
    {
        await using Backend shop = Answering("shop");
        await using var balancer = new TestBalancer(s => s with { Loops = 1 }, control: null, Answering("main"));
        AddShop(balancer, Shop(shop.Address));
        string Post(string host) => $"POST / HTTP/1.1\r\nHost: {host}\r\nContent-Length: 2000\r\n\r\n{new string('x', 2000)}";
        Assert.Equal("shop", (await balancer.AskAsync(Post("shop.example"))).Text);
        balancer.Plane.Change(routing => routing.With(s_shop, new ServiceOptions
        {
            Limits = new LimitOptions { BodyKiB = 1 },
            Forwarding = new ForwardingOptions { NameReplica = false },
        }));
        Assert.Equal(413, (await balancer.AskAsync(Post("shop.example"))).Status);
        Assert.DoesNotContain("shop_1", (await balancer.AskAsync(Get("shop.example"))).Head, StringComparison.Ordinal);
        Assert.Equal("main", (await balancer.AskAsync(Post("main.example"))).Text);
        Assert.Contains("server_1", (await balancer.AskAsync(Get("main.example"))).Head, StringComparison.Ordinal);
    }

    [Fact]
    public async Task On_the_hosts_of_a_service_the_balancers_own_paths_are_the_services()
    {
        await using Backend shop = Answering("shop");
        await using var balancer = new TestBalancer(s => s with { Loops = 1 }, control: null, Answering("main"));
        AddShop(balancer, Shop(shop.Address));
        foreach (string path in new[] { "/add", "/rep", "/heartbeat", "/edge/status" })
        {
            Assert.Equal("shop", (await balancer.AskAsync($"GET {path} HTTP/1.1\r\nHost: shop.example\r\n\r\n")).Text);
            Message own = await balancer.AskAsync($"GET {path} HTTP/1.1\r\nHost: other.example\r\n\r\n");
            Assert.Equal((200, path == "/heartbeat" ? "" : "{}"), (own.Status, own.Text));
        }
    }

    private static async Task Echo(Wire wire)
    {
        string head = await wire.ReadHeadAsync();
        await wire.SendAsync($"HTTP/1.1 200 OK\r\nContent-Length: {head.Length}\r\n\r\n{head}");
    }

    private static long Retries(TestBalancer balancer)
    {
        LoopCounters counters = balancer.Plane.Figures(0);
        return Enumerable.Range(0, Reasons.Count).Sum(reason => counters.Retries[reason]);
    }
}
