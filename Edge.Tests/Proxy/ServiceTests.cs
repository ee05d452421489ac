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

    private static readonly Service s_shop = new(1, "shop", "shop.example");

    private static Backend Answering(string body) => new(async wire =>
    {
        await wire.ReadHeadAsync();
        await wire.SendAsync($"HTTP/1.1 200 OK\r\nContent-Length: {body.Length}\r\n\r\n{body}");
    });

    private static ReplicaTable Shop(params IPEndPoint[] addresses) =>
        new([.. addresses.Select((address, i) => new Replica(ShopSlot + i, $"shop_{i + 1}", address, 1, 1))]);

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
        balancer.Plane.Publish(s_shop, open);
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
        balancer.Plane.Publish(s_shop, Shop(shop.Address));
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
        balancer.Plane.Publish(s_shop, Shop(shopDies.Address, shop.Address));
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
        balancer.Plane.Publish(s_shop, Shop(shop.Address));
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

    private static long Retries(TestBalancer balancer)
    {
        LoopCounters counters = balancer.Plane.Figures(0);
        return Enumerable.Range(0, Reasons.Count).Sum(reason => counters.Retries[reason]);
    }
}
