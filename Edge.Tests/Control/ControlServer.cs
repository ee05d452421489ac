using System.Net;
using Edge.Config;
using Edge.Contract;
using Edge.Control;
using Edge.Fleet;
using Edge.Proxy;
using Edge.Routing;
using Edge.Services;
using Edge.Telemetry;
using Edge.Tests.Backends;
using Edge.Tests.Certificates;
using Edge.Tests.Fleet;
using Edge.Tests.Services;
using Edge.Tests.Tls;

namespace Edge.Tests.Control;

/// <summary>The balancer's own paths behind real sockets, over a fleet of fakes; what is forwarded goes to a backend.</summary>
internal sealed class ControlServer : IAsyncDisposable
{
    private static readonly TestSource s_certificates = new TestSource()
        .With(TestCertificates.Make(["shop.test", "*.shop.test"]), "/shop.pem")
        .With(TestCertificates.Make(["acme.test"], rsa: true), "acme", "the authority is away", new DateTimeOffset(2031, 1, 1, 0, 0, 0, TimeSpan.Zero))
        .WithFault("/none.pem", "there is no such file");

    private ControlServer(FleetFixture fleet, Func<EdgeOptions, EdgeOptions>? change, string token, string[] hosts, bool allowsDrills)
    {
        Fleet = fleet;
        ServiceDriver = new FakeDriver(new Journal()) { Owned = fleet.Driver.Owned };
        Services = new ServiceRegistry(
            new FakeServicePlane(), (options, _) => options.Name == "shop" ? ServiceDriver : new FakeDriver(new Journal()), trust: null, fleet.Time,
            new Log(fleet.LogText, fleet.Time));
        Authorization = new Edge.Control.Authorization(token, hosts, fleet.Time);
        var balancer = new BalancerReport("1.2.3", fleet.Time.GetUtcNow(), "edge", "fake", "because", 0, 10);
        var minute = new LastMinute(fleet.Plane, () => fleet.Plane.Table.Replicas.ToArray(), Known, fleet.Time);
        var options = new Dictionary<string, string> { ["Edge:Timeouts:Drain"] = "30s" };
        var status = new StatusSource(() => balancer, () => [new LoopReport(0, 1, 2, 5, 4, 0, 0, 0, 0, 0)], () => options, fleet.Plane, minute, fleet.Time)
        {
            Certificates = s_certificates.Store(),
            Services = Services,
        };
        Events = new EventFeed(fleet.Time);
        Services.Changed += (service, snapshot) => Events.Look(snapshot, service);
        Services.Listed += Events.List;
        Events.Look(fleet.Manager.Snapshot);
        fleet.Manager.Changed += snapshot => Events.Look(snapshot);
        var log = new Log(fleet.LogText, fleet.Time);
        var drill = new Drill(fleet.Manager, fleet.Driver, fleet.Plane, fleet.Time, log);
        var api = new ControlApi(fleet.Manager, drill, () => allowsDrills, () => Reloaded, Authorization, status, Events, log) { Services = Services };
        Changes = api.Changes;
        Front = new TestBalancer(change, api.AnswerAsync, new Backend(async wire =>
        {
            while (true)
            {
                Message request = await wire.ReadMessageAsync();
                await wire.SendAsync($"HTTP/1.1 200 OK\r\nContent-Length: {request.StartLine.Length}\r\n\r\n{request.StartLine}");
            }
        }));
    }

    private IEnumerable<Service> Known() => Services.All.Select(one => one.Service).Prepend(Service.Default);

    internal TestBalancer Front { get; }

    internal Edge.Control.Authorization Authorization { get; }

    internal FleetFixture Fleet { get; }

    internal EventFeed Events { get; }

    /// <summary>A test closes it, as a takeover does.</summary>
    internal ChangeGate Changes { get; }

    /// <summary>Those beside the default one; a test adds them.</summary>
    internal ServiceRegistry Services { get; }

    /// <summary>Of the default service and the others.</summary>
    internal IEnumerable<FleetManager> Fleets => Services.All.Select(one => one.Fleet).Prepend(Fleet.Manager);

    /// <summary>That of the service shop.</summary>
    internal FakeDriver ServiceDriver { get; }

    /// <summary>What comes of reading the options again.</summary>
    internal (string? Refusal, IReadOnlyList<string> Changed) Reloaded { get; set; } = (null, ["Edge:Health:Fall"]);

    internal FakeTime Time => Fleet.Time;

    internal string Log => Fleet.LogText.ToString();

    internal IReadOnlyList<string> Running => Fleet.Manager.Snapshot.Running;

    internal static async Task<ControlServer> StartAsync(
        string token = "", string[]? hosts = null, Func<EdgeOptions, EdgeOptions>? change = null, bool allowsDrills = false, bool owned = true)
    {
        FleetFixture fleet = owned ? await FleetFixture.StartAsync() : await FleetFixture.StartAsync(replicas: 0, owned: false);
        return new ControlServer(fleet, change, token, hosts ?? [], allowsDrills);
    }


    public async ValueTask DisposeAsync()
    {
        Events.Close();
        await Front.DisposeAsync();
        await Services.DisposeAsync();
        await Fleet.DisposeAsync();
    }

    /// <summary>
    /// Adds a service with three replicas, <c>shop_1</c> to <c>shop_3</c>; none where its driver starts none. Returns when they run.
    /// </summary>
    internal Task AddShopAsync() => AddServicesAsync("shop");

    /// <summary>The same for services of these names.</summary>
    internal async Task AddServicesAsync(params string[] names)
    {
        Services.Start();
        Services.Apply([.. names.Select(name => new NamedServiceOptions
        {
            Name = name,
            Hosts = [$"{name}.test"],
            Redirect = [$"www.{name}.test"],
            ReplicaPrefix = $"{name}_",
            Fleet = new FleetOptions { Name = name, Replicas = 3 },
            Health = new HealthOptions { Off = true },
        })]);
        int replicas = ServiceDriver.Owned ? 3 : 0;
        await Quiet.UntilAsync(
            () => Services.All.All(service => service.Fleet is { Known.IsCompleted: true } fleet && fleet.Snapshot.Running.Count == replicas),
            "the services have their replicas");
    }

    /// <summary>One call on a connection of its own.</summary>
    /// <param name="line">Method and target.</param>
    /// <param name="fields">Beside Host and Content-Length; each without its line end.</param>
    /// <param name="body">May be empty.</param>
    /// <param name="host">Null for the address that is listened at.</param>
    /// <param name="to">Null for where clients come in.</param>
    internal async Task<Message> CallAsync(string line, string[]? fields = null, string body = "", string? host = null, IPEndPoint? to = null)
    {
        using Wire client = await Wire.ConnectAsync(to ?? Front.Plane.Endpoint);
        string all = string.Concat((fields ?? []).Select(field => field + "\r\n"));
        await client.SendAsync($"{line} HTTP/1.1\r\nHost: {host ?? Front.Plane.Endpoint.ToString()}\r\n{all}Content-Length: {body.Length}\r\n\r\n{body}");
        return await client.ReadMessageAsync();
    }
}
