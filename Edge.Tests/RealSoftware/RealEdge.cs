using System.Net;
using Edge.Balancing;
using Edge.Options;
using Edge.Proxy;

namespace Edge.Tests.RealSoftware;

/// <summary>Edge's data plane with the options as they are by default, in front of servers that somebody else wrote.</summary>
internal sealed class RealEdge : IAsyncDisposable
{
    private readonly DataPlane _plane;
    private readonly Replica[] _replicas;

    internal RealEdge(params RealServer[] servers)
    {
        ProxySettings settings = Balancer.Settings(new EdgeOptions()) with { Listen = new IPEndPoint(IPAddress.Loopback, 0), Loops = 2 };
        _plane = new DataPlane(settings, _ => throw new InvalidOperationException("no path of the balancer's own is asked for"));
        _replicas = [.. servers.Select((s, i) => new Replica(i, $"server_{i + 1}", s.Address, 1, settings.Loops))];
        _plane.Publish(new ReplicaTable(_replicas));
        _plane.Start();
    }

    internal string Url => $"http://{_plane.Endpoint}";

    internal IPEndPoint Endpoint => _plane.Endpoint;

    /// <summary>Attempts that a server failed; retried requests would hide them.</summary>
    internal long Failures => _replicas.Sum(r => r.Totals().Failures);

    public async ValueTask DisposeAsync()
    {
        await _plane.StopAsync(TimeSpan.FromSeconds(5));
        Assert.All(_replicas, r => Assert.Equal(0, r.Totals().InFlight));
    }
}
