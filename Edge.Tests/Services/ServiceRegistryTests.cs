using System.Net;
using Edge.Config;
using Edge.Drivers;
using Edge.Routing;
using Edge.Services;
using Edge.Telemetry;
using Edge.Tests.Backends;
using Edge.Tests.Fleet;

namespace Edge.Tests.Services;

/// <summary>Services that come, change and go under a data plane that serves.</summary>
public sealed class ServiceRegistryTests : IAsyncLifetime
{
    private readonly StringWriter _log = new();
    private TestBalancer _balancer = null!;
    private ServiceRegistry _registry = null!;

    public ValueTask InitializeAsync()
    {
        _balancer = new TestBalancer(Answering("main"));

        // That of the default service's replica, which the test balancer makes by itself.
        Assert.Equal(0, _balancer.Plane.Slots.Take());
        var log = new Log(_log, TimeProvider.System);
        _registry = new ServiceRegistry(
            _balancer.Plane,
            (options, _) => new StaticDriver(options.Fleet.Servers(), "", Dns.GetHostAddressesAsync, TimeProvider.System, log),
            trust: null,
            TimeProvider.System,
            log);
        _registry.Start();
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _balancer.DisposeAsync();
        await _registry.DisposeAsync();
    }

    private static Backend Answering(string body) => new(async wire =>
    {
        while (true)
        {
            await wire.ReadHeadAsync();
            await wire.SendAsync($"HTTP/1.1 200 OK\r\nContent-Length: {body.Length}\r\n\r\n{body}");
        }
    });

    private static NamedServiceOptions Options(string name, Backend backend, params string[] hosts) => new()
    {
        Name = name,
        Hosts = hosts,
        Fleet = new FleetOptions { Name = name, Driver = FleetDriver.Static, Addresses = [backend.Address.ToString()] },
        Health = new HealthOptions { Off = true },
        Timeouts = new TimeoutOptions { Drain = TimeSpan.FromSeconds(20) },
    };

    private static string Get(string host) => $"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n";

    private async Task<string> AskAsync(string host) => (await _balancer.AskAsync(Get(host))).Text;

    private Task ServesAsync(string host, string body) =>
        Quiet.UntilAsync(async () => await AskAsync(host) == body, $"{host} is answered by {body}", TimeSpan.FromSeconds(20));

    [Fact]
    public async Task Services_come_change_their_routes_and_go_while_others_keep_their_connections()
    {
        await using Backend shop = Answering("shop"), blog = Answering("blog");
        _registry.Apply([Options("shop", shop, "shop.example"), Options("blog", blog, "blog.example")]);
        await ServesAsync("shop.example", "shop");
        await ServesAsync("blog.example", "blog");
        using Wire client = await _balancer.ConnectAsync();
        await client.SendAsync(Get("blog.example"));
        Assert.Equal("blog", (await client.ReadMessageAsync()).Text);
        int connections = blog.Connections;
        _registry.Apply([Options("shop", shop, "new.example"), Options("blog", blog, "blog.example")]);
        await ServesAsync("new.example", "shop");
        await ServesAsync("shop.example", "main");
        _registry.Apply([Options("blog", blog, "blog.example")]);
        await ServesAsync("new.example", "main");
        await client.SendAsync(Get("blog.example"));
        Assert.Equal("blog", (await client.ReadMessageAsync()).Text);
        Assert.Equal(connections, blog.Connections);
        Assert.Contains(" service_removed service=shop", _log.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_request_under_way_of_a_service_that_is_removed_is_answered()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var slow = new Backend(async wire =>
        {
            await wire.ReadHeadAsync();
            reached.TrySetResult();
            await gate.Task;
            await wire.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nslow");
        });
        _registry.Apply([Options("slow", slow, "slow.example")]);
        await Quiet.UntilAsync(() => _registry.Find("slow")!.Fleet.Snapshot.Replicas.Any(r => r.EffectiveWeight > 0), "it is in rotation");
        using Wire client = await _balancer.ConnectAsync();
        await client.SendAsync(Get("slow.example"));
        await reached.Task;
        _registry.Apply([]);
        await ServesAsync("slow.example", "main");
        gate.SetResult();
        Assert.Equal("slow", (await client.ReadMessageAsync()).Text);
    }

    [Fact]
    public async Task Other_names_of_a_service_come_and_go_with_a_reload()
    {
        await using Backend shop = Answering("shop");
        NamedServiceOptions options = Options("shop", shop, "shop.example", "also.example");
        _registry.Apply([options with { Redirect = ["www.shop.example"] }]);
        await ServesAsync("shop.example", "shop");
        Message redirected = await _balancer.AskAsync(Get("www.shop.example"));
        Assert.True(redirected.Field("Location") == "http://shop.example/", redirected.Head + redirected.Text);
        _registry.Apply([options with { Hosts = ["new.example"], Redirect = ["shop.example"] }]);
        Assert.Equal("http://new.example/", (await _balancer.AskAsync(Get("shop.example"))).Field("Location"));
        Assert.Equal("main", await AskAsync("www.shop.example"));
        _registry.Apply([]);
        Assert.Equal("main", await AskAsync("shop.example"));
    }

    [Fact]
    public async Task A_mode_outlives_other_options_and_routes_and_ends_with_the_service()
    {
        await using Backend shop = Answering("shop");
        _registry.Apply([Options("shop", shop, "shop.example")]);
        await ServesAsync("shop.example", "shop");
        Assert.Equal(ServiceMode.Open, _registry.Switch("shop", ServiceMode.Stopped));
        Assert.Null(_registry.Switch("none", ServiceMode.Stopped));
        _registry.Apply([Options("shop", shop, "new.example") with { Retries = new RetryOptions { Attempts = 1 } }]);
        Assert.Equal(503, (await _balancer.AskAsync(Get("new.example"))).Status);
        Assert.Equal([("shop", "stopped")], _registry.Closed);
        Assert.Equal("main", await AskAsync("shop.example"));
        _registry.Apply([]);
        Assert.Empty(_registry.Closed);
        _registry.Apply([Options("shop", shop, "shop.example")]);
        await ServesAsync("shop.example", "shop");
    }
}
