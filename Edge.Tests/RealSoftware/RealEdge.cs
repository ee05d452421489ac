using System.Net;
using Edge.Config;
using Edge.Proxy;
using Edge.Routing;
using Edge.Telemetry;

namespace Edge.Tests.RealSoftware;

/// <summary>Edge's data plane with the options as they are by default, in front of servers of other projects.</summary>
internal sealed class RealEdge : IAsyncDisposable
{
    private readonly DataPlane _plane;
    private readonly Replica[] _replicas;

    internal RealEdge(params RealServer[] servers)
    {
        var options = new EdgeOptions { Listen = "127.0.0.1:0", Loops = 2 };
        _plane = new DataPlane(options, _ => throw new InvalidOperationException("no path of the balancer's own is asked for"), TimeProvider.System);
        _replicas = [.. servers.Select((s, i) => new Replica(i, $"server_{i + 1}", s.Address, 1, options.Loops) { EjectAfter = options.Ejection.Failures })];
        _plane.Publish(Service.Default, new ReplicaTable(_replicas));
        _plane.Start();
    }

    internal string Url => $"http://{_plane.Endpoint}";

    internal IPEndPoint Endpoint => _plane.Endpoint;

    /// <summary>Attempts that a server failed; retried requests would hide them.</summary>
    internal long Failures => _replicas.Sum(r => r.Totals().Failures);

    /// <summary>Why attempts and requests failed, for a message.</summary>
    internal string Reasons
    {
        get
        {
            LoopCounters sum = ((IPlaneFigures)_plane).Figures();
            IEnumerable<string> words = Enumerable.Range(0, Edge.Telemetry.Reasons.Count).Where(r => sum.Requests.Failures[r] > 0 || sum.Retries[r] > 0)
                .Select(r => $"{((Reason)r).Word()}: {sum.Requests.Failures[r]} failed, {sum.Retries[r]} tried again");
            return string.Join("; ", words);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _plane.StopAsync(TimeSpan.FromSeconds(5));
        Assert.All(_replicas, r => Assert.Equal(0, r.Totals().InFlight));
    }
}
