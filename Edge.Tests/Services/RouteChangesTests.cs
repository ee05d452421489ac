using System.Globalization;
using System.Net;
using Edge.Config;
using Edge.Drivers;
using Edge.Services;
using Edge.Telemetry;
using Edge.Tests.Backends;
using Edge.Tests.Native;

namespace Edge.Tests.Services;

/// <summary>
/// Services that come, go and get other routes without a pause while requests are answered. EDGE_ROUTE_CHANGES says how often. Alone, because the memory
/// and the descriptors of the process are looked at.
/// </summary>
[Collection(nameof(Alone))]
public sealed class RouteChangesTests : IAsyncDisposable
{
    private const int InOneGo = 50;

    // By how much the process may have grown between the first samples and the last: more than memory wanders by, and less than what two thousand
    // services would hold that never end.
    private const int HeapAtMost = 2 * 1024 * 1024;
    private const int ResidentAtMost = 32 * 1024 * 1024;

    private static readonly int s_changes =
        int.Parse(Environment.GetEnvironmentVariable("EDGE_ROUTE_CHANGES") ?? "2000", CultureInfo.InvariantCulture);

    private readonly TestBalancer _balancer;
    private readonly ServiceRegistry _registry;
    private readonly CancellationTokenSource _stop = new();

    public RouteChangesTests()
    {
        _balancer = new TestBalancer(Answering("main"));

        // That of the default service's replica, which the test balancer makes by itself.
        Assert.Equal(0, _balancer.Plane.Slots.Take());
        var log = new Log(TextWriter.Null, TimeProvider.System);
        _registry = new ServiceRegistry(
            _balancer.Plane,
            (options, _) => new StaticDriver(options.Fleet.Servers(), "", Dns.GetHostAddressesAsync, TimeProvider.System, log),
            trust: null,
            TimeProvider.System,
            log);
        _registry.Start();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _balancer.DisposeAsync();
        await _registry.DisposeAsync();
        _stop.Dispose();
    }

    [Fact]
    public async Task Changes_under_load_fail_and_misroute_nothing_and_leave_no_slot_descriptor_or_memory_held()
    {
        await using Backend shop = Answering("shop"), blog = Answering("blog"), extra = Answering("extra");
        NamedServiceOptions[] Steady(string moving) =>
        [
            Options("shop", shop, "shop.example", moving == "shop" ? "moving.example" : "x.example"),
            Options("blog", blog, "blog.example", moving == "blog" ? "moving.example" : "x.example"),
        ];
        _registry.Apply(Steady("shop"));
        await Quiet.UntilAsync(
            () => _registry.All.All(service => service.Fleet.Snapshot.Replicas.Any(replica => replica.EffectiveWeight > 0)), "both are in rotation");
        Task<int>[] clients =
        [
            AskAsync("shop.example", "shop"), AskAsync("blog.example", "blog"), AskAsync("main.example", "main"),

            // It is always one of the two that has this host, and at no moment neither.
            AskAsync("moving.example", "shop", "blog"),
        ];
        var random = new Random(21);
        var heap = new List<long>();
        var resident = new List<long>();
        int descriptors = 0;
        for (int change = 1; change <= s_changes; change++)
        {
            IEnumerable<NamedServiceOptions> others = Enumerable.Range(0, random.Next(4))
                .Select(i => Options($"extra{random.Next(6)}-{i}", extra, $"e{i}.example", $"x{change}-{i}.example"));
            _registry.Apply([.. Steady(change % 2 == 0 ? "shop" : "blog"), .. others]);
            if (change % InOneGo == 0)
            {
                _registry.Apply(Steady("shop"));

                // Two are the services', one is the default service's.
                await Quiet.UntilAsync(
                    () => Task.FromResult(Free() == Limits.Replicas - 3), "the slots of what is gone are free", TimeSpan.FromSeconds(60));
                heap.Add(GC.GetTotalMemory(forceFullCollection: true));
                resident.Add(Environment.WorkingSet);

                // By then everything is there that stays: connections, and what the runtime opens for itself.
                descriptors = change == InOneGo * 2 ? Descriptors() : descriptors;
            }
        }

        await _stop.CancelAsync();
        int[] asked = await Task.WhenAll(clients);
        long heapMore = Median(heap[^10..]) - Median(heap[..10]), residentMore = Median(resident[^10..]) - Median(resident[..10]);
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"{s_changes} changes, {asked.Sum()} requests; heap {Median(heap[..10]) / 1024} KiB and {heapMore / 1024} more, "
            + $"resident {Median(resident[..10]) / 1024} KiB and {residentMore / 1024} more");
        Assert.All(asked, count => Assert.True(count > 0));
        Assert.Equal(2, _registry.All.Count);
        Assert.InRange(heapMore, long.MinValue, HeapAtMost);
        Assert.InRange(residentMore, long.MinValue, ResidentAtMost);
        await Quiet.UntilAsync(() => Descriptors() <= descriptors, $"there are no more than {descriptors} descriptors");
    }

    private async Task<int> AskAsync(string host, params string[] answers)
    {
        using Wire client = await Wire.ConnectAsync(_balancer.Plane.Endpoint, TimeSpan.FromHours(1));
        int asked = 0;
        for (; !_stop.IsCancellationRequested; asked++)
        {
            await client.SendAsync($"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n");
            Message answer = await client.ReadMessageAsync();
            Assert.True(answer.Status == 200 && answers.Contains(answer.Text), $"{host}: {answer.Status} {answer.Text}");
        }

        return asked;
    }

    private static Backend Answering(string body) => new(
        async wire =>
        {
            while (true)
            {
                await wire.ReadHeadAsync();
                await wire.SendAsync($"HTTP/1.1 200 OK\r\nContent-Length: {body.Length}\r\n\r\n{body}");
            }
        },
        TimeSpan.FromHours(1));

    private static NamedServiceOptions Options(string name, Backend backend, params string[] hosts) => new()
    {
        Name = name,
        Hosts = [.. hosts.Select(host => host == "x.example" ? $"{name}.{host}" : host)],
        Fleet = new FleetOptions { Name = name, Driver = FleetDriver.Static, Addresses = [backend.Address.ToString()] },
        Health = new HealthOptions { Off = true },
        Timeouts = new TimeoutOptions { Drain = TimeSpan.FromSeconds(20) },
    };

    private int Free()
    {
        List<int> taken = [];
        while (_balancer.Plane.Slots.Take() is { } slot)
        {
            taken.Add(slot);
        }

        taken.ForEach(_balancer.Plane.Slots.Free);
        return taken.Count;
    }

    private static long Median(List<long> values) => values.Order().ElementAt(values.Count / 2);

    private static int Descriptors() => Directory.GetFileSystemEntries("/proc/self/fd").Length;
}
