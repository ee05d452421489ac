using Edge.Config;
using Edge.Routing;
using Edge.Tests.Backends;

namespace Edge.Tests.Proxy;

/// <summary>A balancer with old replicas that answer, and with one new one, the last.</summary>
internal sealed class CanaryBalancer : IAsyncDisposable
{
    internal const string Get = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";

    private readonly TestBalancer _balancer;

    /// <param name="fresh">The new replica.</param>
    /// <param name="share">Of ten thousand.</param>
    /// <param name="by">What decides.</param>
    /// <param name="change">Other options than one loop, and no retries at all.</param>
    /// <param name="old">The old replicas; null for one that answers.</param>
    internal CanaryBalancer(
        Backend fresh, int share = Canary.Whole, CanaryBy by = CanaryBy.Request, Func<EdgeOptions, EdgeOptions>? change = null, Backend[]? old = null)
    {
        EdgeOptions Options(EdgeOptions options)
        {
            options = options with { Loops = 1, Retries = new RetryOptions { Attempts = 1, BudgetPercent = 0, BudgetPerSecond = 0 } };
            return change?.Invoke(options) ?? options;
        }

        Backend[] backends = [.. old ?? [new Backend(Scripts.Echo)], fresh];
        _balancer = new TestBalancer(Options, null, backends);
        Figures = new CanaryFigures(_balancer.Plane.Loops);
        (Share, By) = (share, by);
        Publish(Old, [New]);
    }

    internal TestBalancer Balancer => _balancer;

    internal Replica[] Old => _balancer.Replicas[..^1];

    internal Replica New => _balancer.Replicas[^1];

    internal CanaryFigures Figures { get; }

    internal CanaryTally OfOld => Figures.Read(CanarySide.Old);

    internal CanaryTally OfNew => Figures.Read(CanarySide.New);

    private int Share { get; }

    private CanaryBy By { get; }

    internal void Publish(Replica[] old, Replica[] fresh) => _balancer.Plane.Publish(
        new ReplicaTable(old) { Canary = new Canary(new ReplicaTable(fresh), Share, By, Figures) });

    /// <summary>One request on a connection of its own; the name of the replica that has answered, if the answer is a 200.</summary>
    internal async Task<string> AskAsync(string request = Get)
    {
        Message answer = await _balancer.AskAsync(request, bodiless: request.StartsWith("HEAD", StringComparison.Ordinal));
        Assert.Equal(200, answer.Status);
        return answer.Field("X-Edge-Replica")!;
    }

    public ValueTask DisposeAsync() => _balancer.DisposeAsync();
}
