using System.Collections.Concurrent;
using System.Net;
using Edge.Config;
using Edge.Drivers;
using Edge.Services;
using Edge.Telemetry;
using Edge.Tests.Backends;

namespace Edge.Tests.Probes;

/// <summary>
/// The whole way from options of services to their replicas, over sockets: each replica says in its answer which service it belongs to, and what it
/// was asked for. The services are <see cref="RouteServices"/>.
/// </summary>
internal sealed class RouteWorld : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, int> _reached = new();
    private readonly List<Backend> _backends = [];
    private readonly TestBalancer _balancer;
    private readonly ServiceRegistry _registry;

    private RouteWorld()
    {
        _balancer = new TestBalancer(s => s with { Loops = 1 }, control: null, Answering(RouteServices.Default));

        // That of the default service's replica, which the test balancer makes by itself.
        Assert.Equal(0, _balancer.Plane.Slots.Take());
        var log = new Log(TextWriter.Null, TimeProvider.System);
        _registry = new ServiceRegistry(
            _balancer.Plane,
            (options, _) => new StaticDriver(options.Fleet.Servers(), "", Dns.GetHostAddressesAsync, TimeProvider.System, log),
            trust: null,
            TimeProvider.System,
            log);
    }

    internal IPEndPoint Endpoint => _balancer.Plane.Endpoint;

    /// <summary>How often the replicas of each service were asked.</summary>
    internal int Reached(string service) => _reached.GetValueOrDefault(service);

    /// <summary>Returns when every service is served.</summary>
    internal static async Task<RouteWorld> StartAsync()
    {
        var world = new RouteWorld();
        world._registry.Apply([.. RouteServices.All.Select(world.WithReplica)]);
        world._registry.Start();
        await Quiet.UntilAsync(
            () => world._registry.All.All(service => service.Fleet.Snapshot.Replicas.Any(replica => replica.EffectiveWeight > 0)), "all are in rotation");
        return world;
    }

    public async ValueTask DisposeAsync()
    {
        await _balancer.DisposeAsync();
        await _registry.DisposeAsync();
        foreach (Backend backend in _backends)
        {
            await backend.DisposeAsync();
        }
    }

    /// <summary>What a replica answers: its service, then the target and the host that it was asked for.</summary>
    internal static string Answer(string service, string target, string host) => $"{service} {target} {host}";

    private NamedServiceOptions WithReplica(NamedServiceOptions options)
    {
        Backend backend = Answering(options.Name);
        _backends.Add(backend);
        return options with
        {
            Fleet = new FleetOptions { Name = options.Name, Driver = FleetDriver.Static, Addresses = [backend.Address.ToString()] },
            Health = new HealthOptions { Off = true },
        };
    }

    private Backend Answering(string service) => new(
        async wire =>
        {
            while (true)
            {
                string head = await wire.ReadHeadAsync();
                _reached.AddOrUpdate(service, 1, (_, before) => before + 1);
                string body = Answer(service, head.Split(' ')[1], new Message(head, []).Field("Host") ?? "");
                await wire.SendAsync($"HTTP/1.1 200 OK\r\nContent-Length: {body.Length}\r\n\r\n{body}");
            }
        },
        TimeSpan.FromMinutes(5));
}
