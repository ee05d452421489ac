using System.Net;
using Edge.Tests.Native;

namespace Edge.Tests.Chaos;

/// <summary>
/// Three scripted replicas, a load, and faults at one replica at a time; the same for every balancer that is put in
/// between. Balancers are all told the same: health checks twice a second, three tries for what may be tried again, the
/// next replica after a 503, a second to connect.
/// </summary>
internal sealed class StaticScenario : IAsyncDisposable
{
    private const int PerSecond = 250;
    private const int PostsOfTen = 2;

    private readonly ChaosSettings _settings;

    internal StaticScenario(ChaosSettings settings)
    {
        _settings = settings;
        Replicas = [.. "abc".Select((name, i) => new ChaosReplica(name.ToString(), Ledger, settings.Seed + i))];
    }

    internal Ledger Ledger { get; } = new();

    internal ChaosReplica[] Replicas { get; }

    /// <summary>What Edge is told.</summary>
    internal (string Key, string Value)[] EdgeOptions =>
    [
        ("Fleet:Driver", "static"),
        .. Replicas.Select((r, i) => ($"Fleet:Addresses:{i}", r.Address.ToString())),
        ("Health:Interval", "00:00:00.500"),
        ("Health:Timeout", "00:00:00.500"),
        ("Timeouts:Connect", "00:00:01"),
        ("Timeouts:ResponseHead", _settings.Answer.ToString("c")),
        ("Retries:Statuses:0", "503"),
        .. ChaosSettings.MoreOptions(),
    ];

    /// <param name="folder">Where it looks for more options; null for none.</param>
    internal async Task<NativeEdge> StartEdgeAsync(string? folder = null)
    {
        NativeEdge edge = await NativeEdge.StartAsync(folder, [], EdgeOptions);
        await edge.HealthyAsync(Replicas.Length);
        return edge;
    }

    /// <summary>The chaos against the balancer that listens there.</summary>
    internal async Task<Verdict> RunAsync(string name, IPEndPoint balancer)
    {
        ITestOutputHelper output = TestContext.Current.TestOutputHelper!;
        output.WriteLine($"{name}: {_settings}");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var faults = new FaultSequence(Replicas, _settings.Seed);
        var load = new OpenLoad(balancer, new ScriptedWording(), _settings.Seed, PerSecond, PostsOfTen);
        Task<IReadOnlyList<Outcome>> loading = load.RunAsync(_settings.Length, stop.Token);
        await faults.RunAsync(_settings.Length, stop.Token);
        var verdict = new Verdict(await loading, Ledger);
        output.WriteLine(string.Join('\n', faults.Log));
        output.WriteLine(Verdict.Header + "\n" + verdict.Row(name));
        output.WriteLine(verdict.Details());
        return verdict;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (ChaosReplica replica in Replicas)
        {
            await replica.DisposeAsync();
        }
    }
}
