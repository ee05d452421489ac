using Edge.Config;
using Edge.Routing;
using Edge.Tests.Backends;

namespace Edge.Tests.Proxy;

/// <summary>
/// Services of one loop that are as unwell as services can be, and one that is well: it notices nothing, told by counts. loadtests/isolation tells times.
/// </summary>
public sealed class IsolationTests
{
    private const int Waiting = 4;

    [Fact]
    public async Task A_dead_a_flooded_and_a_hanging_service_have_no_request_of_another_fail_or_wait()
    {
        await using var hangs = new Backend(Scripts.NeverAnswers);
        await using var floods = new Backend(Scripts.NeverAnswers);
        await using var balancer = new TestBalancer(s => s with { Loops = 1 }, control: null, new Backend(Scripts.Echo));
        ServiceOptions small = new() { Overload = new OverloadOptions { InFlight = 2, Queue = Waiting, QueueWait = TimeSpan.FromMinutes(5) } };
        Add(balancer, 1, "dead", small, new ReplicaTable([]) { IsOwned = true, IsHealing = true });
        Add(balancer, 2, "flooded", small, new ReplicaTable([new Replica(2, "flooded_1", floods.Address, 1, 1)]));
        Add(balancer, 3, "hanging", new ServiceOptions(), new ReplicaTable([new Replica(3, "hanging_1", hangs.Address, 1, 1)]));
        var held = new List<Wire>();
        try
        {
            await HoldAsync(balancer, held, "dead", Waiting);
            await HoldAsync(balancer, held, "flooded", 2 + Waiting);
            await HoldAsync(balancer, held, "hanging", 50);
            await Quiet.UntilAsync(() => balancer.Plane.Report()[0].Waiting == 2 * Waiting && hangs.Connections == 50, "all that can wait does");
            long turnedAway = balancer.Plane.Figures(0).Requests.TurnedAway, queued = balancer.Plane.Figures(0).Requests.Queue.Count;
            int flooded = 0;
            using Wire flood = await balancer.ConnectAsync(), client = await balancer.ConnectAsync();
            for (int i = 0; i < 1_000; i++)
            {
                string bad = i % 2 == 0 ? "dead" : "flooded";
                await flood.SendAsync(Get(bad));
                await client.SendAsync(Get("main"));
                Assert.Equal(200, (await client.ReadMessageAsync()).Status);
                flooded += (await flood.ReadMessageAsync()).Status == 503 ? 1 : 0;
            }

            // Each refusal is one of a service whose queue is full, and nothing came to a queue, or left one.
            Assert.Equal(1_000, flooded);
            Assert.Equal(turnedAway + 1_000, balancer.Plane.Figures(0).Requests.TurnedAway);
            Assert.Equal(queued, balancer.Plane.Figures(0).Requests.Queue.Count);
            Assert.Equal(2 * Waiting, balancer.Plane.Report()[0].Waiting);
            Assert.Equal(0, balancer.Replicas[0].Totals().Failures);
        }
        finally
        {
            held.ForEach(wire => wire.Dispose());
        }
    }

    private static void Add(TestBalancer balancer, int number, string name, ServiceOptions options, ReplicaTable table)
    {
        var service = new Service(number, name);
        balancer.Plane.Change(routing =>
        {
            RoutingTable next = routing.WithNew(service, options).With(service, table);
            return next.With(new RouteMap([.. next.Routes.Routes, new Route($"{name}.example", "", number)]));
        });
    }

    private static async Task HoldAsync(TestBalancer balancer, List<Wire> held, string name, int requests)
    {
        for (int i = 0; i < requests; i++)
        {
            Wire wire = await balancer.ConnectAsync();
            held.Add(wire);
            await wire.SendAsync(Get(name));
        }
    }

    private static string Get(string service) => $"GET / HTTP/1.1\r\nHost: {service}.example\r\n\r\n";
}
