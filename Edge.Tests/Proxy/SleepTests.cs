using System.Collections.Concurrent;
using Edge.Config;
using Edge.Proxy;
using Edge.Routing;
using Edge.Telemetry;
using Edge.Tests.Backends;
using static Edge.Tests.Proxy.QueuedRequests;

namespace Edge.Tests.Proxy;

/// <summary>A service that is asleep: what wakes it, who waits for it, and how those that waited go to it.</summary>
public sealed class SleepTests
{
    private const string Page = "GET / HTTP/1.1\r\nHost: h\r\nSec-Fetch-Dest: document\r\n\r\n";

    private readonly ConcurrentQueue<string> _woken = new();

    private TestBalancer Asleep(Func<ScaleOptions, ScaleOptions>? scale = null, Func<EdgeOptions, EdgeOptions>? change = null, params Backend[] backends)
    {
        var balancer = new TestBalancer(
            s => (change?.Invoke(s) ?? s) with { Loops = 1, Scale = scale?.Invoke(new ScaleOptions { Maximum = 4 }) ?? new ScaleOptions { Maximum = 4 } },
            null, backends);
        balancer.Plane.WakeWanted += service => _woken.Enqueue(service.Name);
        FallAsleep(balancer);
        return balancer;
    }

    private static void FallAsleep(TestBalancer balancer) =>
        balancer.Plane.Publish(new ReplicaTable([]) { IsOwned = true, IsHealing = true, IsAsleep = true, IsMeasured = true });

    private static void WakeUp(TestBalancer balancer) =>
        balancer.Plane.Publish(new ReplicaTable(balancer.Replicas) { IsOwned = true, IsMeasured = true });

    [Fact]
    public async Task The_first_request_wakes_the_service_and_all_wait_until_it_is_awake()
    {
        await using TestBalancer balancer = Asleep(backends: new Backend(Scripts.Always(Scripts.Ok)));
        using Wire first = await AskAsync(balancer);
        using Wire second = await AskAsync(balancer, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc");
        await WaitAsync(balancer, 2);
        Assert.Equal(["default"], _woken);
        WakeUp(balancer);
        Assert.Equal(200, (await first.ReadMessageAsync()).Status);
        Assert.Equal(200, (await second.ReadMessageAsync()).Status);

        // Each sleep has a wake of its own.
        FallAsleep(balancer);
        using Wire third = await AskAsync(balancer);
        await WaitAsync(balancer, 1);
        Assert.Equal(["default", "default"], _woken);
        WakeUp(balancer);
        Assert.Equal(200, (await third.ReadMessageAsync()).Status);
    }

    [Fact]
    public async Task A_thousand_that_waited_go_to_one_replica_few_at_first_and_none_fails()
    {
        using var gate = new SemaphoreSlim(0);
        int reached = 0;
        await using TestBalancer balancer = Asleep(backends: new Backend(async wire =>
        {
            while (true)
            {
                await wire.ReadMessageAsync();
                Interlocked.Increment(ref reached);
                await gate.WaitAsync();
                await wire.SendAsync(Scripts.Ok);
            }
        }));
        Wire[] clients = await Task.WhenAll(Enumerable.Range(0, 1000).Select(_ => AskAsync(balancer)));
        await WaitAsync(balancer, 1000);
        Assert.Equal(["default"], _woken);
        WakeUp(balancer);

        // 14 at first; when as many were answered, twice as many.
        int answered = 0;
        foreach (int inFlight in new[] { 14, 28, 56, 112, 224, 448 })
        {
            await Quiet.UntilAsync(() => Volatile.Read(ref reached) == answered + inFlight, $"{inFlight} are at the replica");
            await balancer.Plane.TurnedAsync();
            await balancer.Plane.TurnedAsync();
            Assert.Equal(inFlight, balancer.Replicas[0].Totals().InFlight);
            gate.Release(inFlight);
            answered += inFlight;
        }

        gate.Release(1000);
        Message[] answers = await Task.WhenAll(clients.Select(client => client.ReadMessageAsync()));
        Assert.All(answers, answer => Assert.Equal(200, answer.Status));
        Assert.All(clients, client => client.Dispose());
    }

    [Fact]
    public async Task A_browser_that_asks_for_a_page_gets_one_that_asks_again_and_wakes_the_service()
    {
        await using TestBalancer balancer = Asleep(backends: new Backend(Scripts.Always(Scripts.Ok)));
        using Wire client = await balancer.ConnectAsync();
        for (int i = 0; i < 2; i++)
        {
            await client.SendAsync(Page);
            Message page = await client.ReadMessageAsync();
            Assert.Equal((503, "1", "no-store"), (page.Status, page.Field("Retry-After"), page.Field("Cache-Control")));
            Assert.Equal("text/html; charset=utf-8", page.Field("Content-Type"));
            Assert.Contains("<meta http-equiv=\"refresh\" content=\"1\">", page.Text, StringComparison.Ordinal);
            Assert.DoesNotContain("<script", page.Text, StringComparison.Ordinal);
        }

        Assert.Equal(["default"], _woken);
        await CountedAsync(balancer, Reason.ServiceAsleep, 2);
        WakeUp(balancer);
        await balancer.Plane.TurnedAsync();
        await client.SendAsync(Page);
        Assert.Equal("ok", (await client.ReadMessageAsync()).Text);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: h\r\nSec-Fetch-Dest: image\r\n\r\n", true)]
    [InlineData("GET / HTTP/1.1\r\nHost: h\r\nSec-Fetch-Dest: documents\r\n\r\n", true)]
    [InlineData("GET / HTTP/1.1\r\nHost: h\r\nAccept: text/html\r\n\r\n", true)]
    [InlineData("POST / HTTP/1.1\r\nHost: h\r\nSec-Fetch-Dest: document\r\nContent-Length: 0\r\n\r\n", true)]
    [InlineData(Page, false)]
    public async Task All_else_is_held_and_so_is_a_page_where_the_options_say_so(string request, bool hasPage)
    {
        await using TestBalancer balancer = Asleep(s => s with { Page = hasPage }, null, new Backend(Scripts.Always(Scripts.Ok)));
        using Wire client = await AskAsync(balancer, request);
        await WaitAsync(balancer, 1);
        Assert.Equal(["default"], _woken);
        WakeUp(balancer);
        Assert.Equal(200, (await client.ReadMessageAsync()).Status);
    }

    [Theory]
    [InlineData("GET /health HTTP/1.1\r\nHost: h\r\n\r\n")]
    [InlineData("GET /health?full=1 HTTP/1.1\r\nHost: h\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: h\r\nUser-Agent: Mozilla/5.0+(compatible; UptimeRobot/2.0)\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: h\r\nSec-Fetch-Dest: document\r\nuser-agent: uptimerobot\r\n\r\n")]
    [InlineData("POST /health HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc")]
    public async Task A_monitor_neither_wakes_the_service_nor_keeps_it_awake(string request)
    {
        await using TestBalancer balancer = Asleep(s => s with { Ignore = ["/health", "UptimeRobot"] }, null, new Backend(Scripts.Always(Scripts.Ok)));
        Message refused = await balancer.AskAsync(request);
        Assert.Equal((503, "60"), (refused.Status, refused.Field("Retry-After")));
        Assert.Contains("The service is asleep, and this request does not wake it", refused.Text, StringComparison.Ordinal);
        Assert.Empty(_woken);
        WakeUp(balancer);
        await balancer.Plane.TurnedAsync();
        Assert.Equal(200, (await balancer.AskAsync(request)).Status);
        LoadFigures load = (await balancer.Plane.LoadAsync(Service.Default))!.Value;
        Assert.Equal((1, 1, 0, 0), (load.Begun, load.Ended, load.Wakeful, load.WakefulNow));
        Assert.Equal(200, (await balancer.AskAsync(Get)).Status);
        load = (await balancer.Plane.LoadAsync(Service.Default))!.Value;
        Assert.Equal((2, 2, 1, 0), (load.Begun, load.Ended, load.Wakeful, load.WakefulNow));
    }

    [Theory]
    [InlineData("GET /healthy HTTP/1.1\r\nHost: h\r\n\r\n")]
    [InlineData("GET /health/ HTTP/1.1\r\nHost: h\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: h\r\nX-Agent: UptimeRobot\r\n\r\n")]
    public async Task What_only_resembles_a_monitor_wakes_the_service(string request)
    {
        await using TestBalancer balancer = Asleep(s => s with { Ignore = ["/health", "UptimeRobot"] }, null, new Backend(Scripts.Always(Scripts.Ok)));
        using Wire client = await AskAsync(balancer, request);
        await WaitAsync(balancer, 1);
        Assert.Equal(["default"], _woken);
        WakeUp(balancer);
        Assert.Equal(200, (await client.ReadMessageAsync()).Status);
    }

    [Fact]
    public async Task A_request_is_held_for_as_long_as_a_wake_may_take_and_not_for_as_long_as_one_waits_for_room()
    {
        await using TestBalancer balancer = Asleep(
            s => s with { Wake = TimeSpan.FromMilliseconds(700) },
            s => s with { Overload = new OverloadOptions { QueueWait = TimeSpan.FromMilliseconds(1) } });
        long began = Environment.TickCount64;
        Message late = await balancer.AskAsync(Get);
        Assert.True(Environment.TickCount64 - began >= 690, $"it was held for {Environment.TickCount64 - began} ms");
        Assert.Equal((503, "1"), (late.Status, late.Field("Retry-After")));
        Assert.Contains("The service was asleep, and did not wake in time for this request", late.Text, StringComparison.Ordinal);
        await CountedAsync(balancer, Reason.WakeTimeout, 1);
    }

    [Fact]
    public async Task No_more_requests_are_held_than_the_queue_has_room_for()
    {
        await using TestBalancer balancer = Asleep(
            null, s => s with { Overload = new OverloadOptions { Queue = 2 } }, new Backend(Scripts.Always(Scripts.Ok)));
        using Wire first = await AskAsync(balancer);
        using Wire second = await AskAsync(balancer);
        await WaitAsync(balancer, 2);
        Message refused = await balancer.AskAsync(Get);
        Assert.Equal((503, "1"), (refused.Status, refused.Field("Retry-After")));
        await CountedAsync(balancer, Reason.QueueFull, 1);
        WakeUp(balancer);
        Assert.Equal(200, (await first.ReadMessageAsync()).Status);
        Assert.Equal(200, (await second.ReadMessageAsync()).Status);
    }

    [Fact]
    public async Task Those_that_wait_are_told_at_once_when_the_service_cannot_be_started()
    {
        await using TestBalancer balancer = Asleep();
        using Wire client = await AskAsync(balancer);
        await WaitAsync(balancer, 1);
        balancer.Plane.Publish(new ReplicaTable([]) { IsOwned = true, IsMeasured = true });
        Assert.Equal(503, (await client.ReadMessageAsync()).Status);
        Assert.Equal(503, (await balancer.AskAsync(Get)).Status);
        await CountedAsync(balancer, Reason.NoReplica, 2);
    }

    [Fact]
    public async Task A_request_that_waits_for_the_end_of_a_pause_wakes_the_service_when_the_pause_is_over()
    {
        await using TestBalancer balancer = Asleep(backends: new Backend(Scripts.Always(Scripts.Ok)));
        balancer.Plane.Change(routing => routing.With(Service.Default, ServiceMode.Paused));
        using Wire client = await AskAsync(balancer, Page);
        await WaitAsync(balancer, 1);
        Assert.Empty(_woken);
        balancer.Plane.Change(routing => routing.With(Service.Default, ServiceMode.Open));
        await balancer.Plane.TurnedAsync();
        Assert.Equal(["default"], _woken);
        WakeUp(balancer);
        Assert.Equal(200, (await client.ReadMessageAsync()).Status);
    }

    [Fact]
    public void What_is_in_flight_is_added_up_over_the_time_only_while_the_service_is_measured()
    {
        using var proxy = new HandTurnedProxy();
        RequestQueue queue = proxy.Loop.Services.Default.Queue;
        proxy.Table.Publish(Service.Default, new ReplicaTable([proxy.Replica]) { IsMeasured = true });
        _ = proxy.Ask();
        _ = proxy.Ask();
        proxy.TurnUntil(() => queue.InFlight == 2);
        (double added, double expected) = Pass(proxy, 200, queue);
        Assert.InRange(added, expected - 0.02, expected + 0.02);
        Assert.InRange(expected, 2 * 0.2, double.MaxValue);
        proxy.Table.Publish(Service.Default, new ReplicaTable([proxy.Replica]));
        _ = Pass(proxy, 1, queue);
        Assert.Equal(0, Pass(proxy, 50, queue).Added);
    }

    // Turns the loop for a while; the seconds that were added, and those that should be, by the clock of the loop.
    private static (double Added, double Expected) Pass(HandTurnedProxy proxy, long milliseconds, RequestQueue queue)
    {
        proxy.Loop.Turn(waits: false);
        long before = queue.Busy, began = proxy.Loop.Now;
        proxy.TurnUntil(() => proxy.Loop.Now - began >= milliseconds);
        return ((queue.Busy - before) / 1e6, queue.InFlight * (proxy.Loop.Now - began) / 1000.0);
    }

    [Fact]
    public async Task A_tunnel_keeps_the_service_awake_and_is_no_load()
    {
        await using TestBalancer balancer = Asleep(backends: new Backend(Switching.Then(Switching.Echo)));
        WakeUp(balancer);
        await balancer.Plane.TurnedAsync();
        using Wire client = await balancer.OpenTunnelAsync();
        LoadFigures before = (await balancer.Plane.LoadAsync(Service.Default))!.Value;
        for (int i = 0; i < 50; i++)
        {
            await client.PlayAsync("hello");
        }

        LoadFigures after = (await balancer.Plane.LoadAsync(Service.Default))!.Value;
        Assert.Equal(1, after.WakefulNow);
        Assert.Equal(before.BusyNanoseconds, after.BusyNanoseconds);
        client.Dispose();
        await Quiet.UntilAsync(() => balancer.Plane.Figures(0).Requests.Tunnels == 0, "the tunnel has ended");
        Assert.Equal(0, (await balancer.Plane.LoadAsync(Service.Default))!.Value.WakefulNow);
    }

    [Fact]
    public async Task What_the_balancer_answers_by_itself_is_no_load_and_what_finds_no_room_is()
    {
        await using TestBalancer balancer = Asleep(
            null, s => s with { Overload = new OverloadOptions { Queue = 0 }, Access = new AccessOptions { Allow = ["10.0.0.0/8"] } });
        WakeUp(balancer);
        Assert.Equal(403, (await balancer.AskAsync(Get)).Status);
        LoadFigures load = (await balancer.Plane.LoadAsync(Service.Default))!.Value;
        Assert.Equal((0, 0, 0), (load.Begun, load.Ended, load.Wakeful));
        balancer.Plane.Change(routing => routing.With(Service.Default, routing.Entries[0]!.Options with { Access = new() }));
        Assert.Equal(503, (await balancer.AskAsync(Get)).Status);
        load = (await balancer.Plane.LoadAsync(Service.Default))!.Value;
        Assert.Equal((1, 0, 1), (load.Begun, load.Ended, load.Wakeful));
    }

    [Theory]
    [InlineData(14, 1, 0, 28)]
    [InlineData(13, 1, 0, 14)]
    [InlineData(28, 2, 0, 28)]
    [InlineData(27, 2, 0, 14)]
    [InlineData(42, 1, 0, 56)]
    [InlineData(42, 1, 1, 28)]
    internal void The_window_doubles_when_it_was_filled_without_a_failure(int answered, int replicas, long failuresInTheMiddle, int limit)
    {
        var window = new WakeWindow();
        Assert.False(window.IsOpen);
        window.Open(14, failures: 3);
        for (int i = 0; i < answered; i++)
        {
            window.CountEnd(replicas, failures: 3 + (i >= answered / 2 ? failuresInTheMiddle : 0));
        }

        Assert.Equal(limit, window.Limit);
        window.Close();
        Assert.Equal((int.MaxValue, false), (window.Limit, window.IsOpen));
    }
}
