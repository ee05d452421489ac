using System.Net;
using Edge.Config;
using Edge.Control;
using Edge.Http;
using Edge.Routing;
using Edge.Telemetry;
using Edge.Tests.Backends;
using Edge.Tests.Telemetry;

namespace Edge.Tests.Proxy;

/// <summary>Each request is counted for the one service that it was for, whoever answered it, and for all of them together.</summary>
public sealed class ServiceFiguresTests
{
    private static readonly Service s_shop = new(1, "shop");
    private static int s_slot = 100;

    private static ServiceCounters Of(TestBalancer balancer, Service service) => ((IPlaneFigures)balancer.Plane).Figures(service);

    private static ServiceCounters All(TestBalancer balancer) => ((IPlaneFigures)balancer.Plane).Figures().Requests;

    private static string Get(string host, string path = "/") => $"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n";

    private static void AddShop(TestBalancer balancer, ServiceOptions options, params IPEndPoint[] addresses)
    {
        var table = new ReplicaTable(
            [.. addresses.Select((address, i) => new Replica(Interlocked.Increment(ref s_slot), $"shop_{i + 1}", address, 1, balancer.Plane.Loops))]);
        balancer.Plane.Change(routing =>
            routing.WithNew(s_shop, options).With(s_shop, table).With(new RouteMap([new Route("shop.example", "", s_shop.Number)])));
    }

    private static void RemoveShop(TestBalancer balancer) => balancer.Plane.Change(routing => routing.With(RouteMap.Empty).Without(s_shop));

    private static ServiceOptions OptionsOf(TestBalancer balancer)
    {
        ServiceOptions? options = null;
        balancer.Plane.Change(routing =>
        {
            options = routing.Entries[0]!.Options;
            return routing;
        });
        return options!;
    }

    [Fact]
    public async Task What_replicas_answer_is_counted_for_their_own_service_alone()
    {
        await using var shop = new Backend(Scripts.Echo);
        await using var balancer = new TestBalancer(new Backend(Scripts.Echo));
        AddShop(balancer, OptionsOf(balancer), shop.Address);
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(200, (await balancer.AskAsync(Get("shop.example"))).Status);
        }

        Assert.Equal(200, (await balancer.AskAsync(Get("other.example"))).Status);

        // Both on one connection: the second is not for the service of the first.
        using Wire client = await balancer.ConnectAsync();
        await client.SendAsync(Get("shop.example") + Get("other.example"));
        await client.ReadMessageAsync();
        await client.ReadMessageAsync();
        await Quiet.UntilAsync(() => All(balancer) is { Ended: 6, InFlight: 0 }, "all are over");
        ServiceCounters ofShop = Of(balancer, s_shop), others = Of(balancer, Service.Default);
        Assert.Equal((4, 4, 4, 0), (ofShop.Begun, ofShop.Ended, ofShop.Duration.Count, ofShop.Errors));
        Assert.Equal((2, 2, 2, 0), (others.Begun, others.Ended, others.Duration.Count, others.Errors));
        Assert.Equal(
            (6, 4, 2), (balancer.Plane.Answers().Sum, balancer.Plane.Answers(s_shop).Of((int)Method.Get, 200), balancer.Plane.Answers(Service.Default).Sum));
    }

    [Fact]
    public async Task What_the_balancer_answers_itself_is_counted_for_the_service_that_was_asked_for()
    {
        await using var shop = new Backend(Scripts.Echo);
        await using var balancer = new TestBalancer(new Backend(Scripts.Echo));
        ServiceOptions options = OptionsOf(balancer);
        AddShop(balancer, options);
        Assert.Equal(503, (await balancer.AskAsync(Get("shop.example"))).Status);
        balancer.Plane.Change(routing => routing.With(s_shop, options with { Access = new AccessOptions { Allow = ["10.9.8.0/24"] } }));
        await Quiet.UntilAsync(async () => (await balancer.AskAsync(Get("shop.example"))).Status == 403, "the options hold", TimeSpan.FromSeconds(20));
        Assert.Equal(400, (await balancer.AskAsync("no request\r\n\r\n")).Status);
        await Quiet.UntilAsync(() => All(balancer) is { InFlight: 0, Ended: >= 3 }, "all are over");
        ServiceCounters counts = Of(balancer, s_shop);
        Assert.Equal((counts.Failures[(int)Reason.NoReplica], 1), (counts.Errors, counts.Failures[(int)Reason.NotAllowed]));
        Assert.Equal((counts.Ended, counts.Errors + 1), (counts.Failed, counts.Ended));
        Assert.Equal((1, 0), (Of(balancer, Service.Default).Failures[(int)Reason.Refused], counts.Failures[(int)Reason.Refused]));
    }

    [Fact]
    public async Task What_waits_and_what_is_turned_away_is_counted_for_its_service()
    {
        await using var shop = new Backend(Scripts.NeverAnswers);
        await using var balancer = new TestBalancer(s => s with { Loops = 1 }, control: null, new Backend(Scripts.Echo));
        var overload = new OverloadOptions { InFlight = 1, Queue = 1, QueueWait = TimeSpan.FromMinutes(1) };
        AddShop(balancer, OptionsOf(balancer) with { Overload = overload }, shop.Address);
        using Wire first = await balancer.ConnectAsync(), second = await balancer.ConnectAsync();
        await first.SendAsync(Get("shop.example"));
        await Quiet.UntilAsync(() => Of(balancer, s_shop).InFlight == 1, "the first is in flight");
        await second.SendAsync(Get("shop.example"));
        await Quiet.UntilAsync(() => Of(balancer, s_shop).Waiting == 1, "the second waits");
        Assert.Equal(503, (await balancer.AskAsync(Get("shop.example"))).Status);
        Assert.Equal((1, 2, 1), (Of(balancer, s_shop).TurnedAway, Of(balancer, s_shop).InFlight, All(balancer).Waiting));
        Assert.Equal((0, 0, 0), (Of(balancer, Service.Default).TurnedAway, Of(balancer, Service.Default).InFlight, Of(balancer, Service.Default).Waiting));
    }

    [Fact]
    public async Task A_tunnel_is_in_flight_for_its_service_until_it_ends()
    {
        await using var shop = new Backend(async wire =>
        {
            await wire.ReadHeadAsync();
            await wire.SendAsync("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: chat\r\n\r\n");
            await wire.ReadToEndAsync();
        });
        await using var balancer = new TestBalancer(new Backend(Scripts.Echo));
        AddShop(balancer, OptionsOf(balancer), shop.Address);
        using (Wire client = await balancer.ConnectAsync())
        {
            await client.SendAsync("GET / HTTP/1.1\r\nHost: shop.example\r\nConnection: Upgrade\r\nUpgrade: chat\r\n\r\n");
            Assert.Equal(101, (await client.ReadMessageAsync(bodiless: true)).Status);
            await Quiet.UntilAsync(() => Of(balancer, s_shop) is { Tunnels: 1, InFlight: 1, Ended: 1 }, "it is a tunnel");
            Assert.Equal(0, Of(balancer, Service.Default).Tunnels);
        }

        await Quiet.UntilAsync(() => Of(balancer, s_shop) is { Tunnels: 0, InFlight: 0 }, "it is over");
    }

    [Fact]
    public async Task The_sum_of_all_keeps_the_requests_of_a_service_that_is_no_more_those_under_way_among_them()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var shop = new Backend(async wire =>
        {
            await wire.ReadHeadAsync();
            await gate.Task;
            await wire.SendAsync(Scripts.Ok);
        });
        await using var balancer = new TestBalancer(new Backend(Scripts.Echo));
        ServiceOptions options = OptionsOf(balancer);
        AddShop(balancer, options, shop.Address);
        using Wire client = await balancer.ConnectAsync();
        await client.SendAsync(Get("shop.example"));
        await Quiet.UntilAsync(() => Of(balancer, s_shop).InFlight == 1, "it is in flight");
        RemoveShop(balancer);
        await Quiet.UntilAsync(() => Of(balancer, s_shop).Begun == 0, "it is no more");
        Assert.Equal((1, 1, 0), (All(balancer).Begun, All(balancer).InFlight, Of(balancer, Service.Default).Begun));
        gate.SetResult();
        Assert.Equal(200, (await client.ReadMessageAsync()).Status);
        await Quiet.UntilAsync(() => All(balancer) is { Ended: 1, InFlight: 0 }, "it is over");

        // One of the same name begins at 0, and the sum goes on: with the next changes the old one is folded away.
        AddShop(balancer, options, shop.Address);
        Assert.Equal(200, (await balancer.AskAsync(Get("shop.example"))).Status);
        await Quiet.UntilAsync(() => All(balancer).Ended == 2, "it is counted");
        Assert.Equal((1, 2), (Of(balancer, s_shop).Ended, balancer.Plane.Answers().Sum));
        RemoveShop(balancer);
        await Quiet.UntilAsync(() => Of(balancer, s_shop).Ended == 0, "it is no more");
        Assert.Equal((2, 2, 2), (All(balancer).Ended, All(balancer).Duration.Count, balancer.Plane.Answers().Sum));
    }

    [Fact]
    public async Task The_history_has_a_step_for_each_five_seconds_of_the_last_five_minutes()
    {
        await using var balancer = new TestBalancer(new Backend(Scripts.Echo));
        var time = new Fleet.FakeTime(new Fleet.Journal());
        var services = new List<Service> { Service.Default, s_shop };
        using var minute = new LastMinute(balancer.Plane, () => balancer.Replicas, () => services, time);
        AddShop(balancer, OptionsOf(balancer));
        Assert.Equal(503, (await balancer.AskAsync(Get("shop.example"))).Status);
        await balancer.GetAsync();
        await Quiet.UntilAsync(() => All(balancer) is { Ended: 2, InFlight: 0 }, "both are over");
        time.Advance(LastMinute.Interval);
        HistoryPoint shop = Assert.Single(minute.History(s_shop)), all = Assert.Single(minute.History());
        Assert.Equal((0.2f, 0.2f, 0f), (shop.RequestsPerSecond, shop.ErrorsPerSecond, shop.InFlight));
        Assert.Equal((0.4f, 0.2f), (all.RequestsPerSecond, all.ErrorsPerSecond));
        Assert.False(float.IsNaN(all.P50) || float.IsNaN(all.P99));
        Assert.Equal((1, 5), (minute.Of(s_shop, Of(balancer, s_shop)).Requests, minute.Of(s_shop, Of(balancer, s_shop)).Seconds));
        time.Advance(LastMinute.Interval);
        Assert.Equal((2, 0f, float.NaN), (minute.History(s_shop).Length, minute.History(s_shop)[1].RequestsPerSecond, minute.History(s_shop)[1].P50));
        for (int i = 0; i < 2 * LastMinute.Points; i++)
        {
            time.Advance(LastMinute.Interval);
        }

        Assert.Equal((LastMinute.Points, LastMinute.Points), (minute.History().Length, minute.History(s_shop).Length));
        Assert.Equal(12, minute.History(balancer.Replicas[0]).Length);
        services.Remove(s_shop);
        time.Advance(LastMinute.Interval);
        Assert.Equal((0, LastMinute.Points), (minute.History(s_shop).Length, minute.History(Service.Default).Length));
        Assert.All(minute.History(), point => Assert.Equal(0, point.RequestsPerSecond));
    }
}
