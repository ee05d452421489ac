using Edge.Http;
using Edge.Routing;

namespace Edge.Proxy;

/// <summary>What one loop has of all services, by their numbers, and which of them a request is for. Touched by the loop's thread alone.</summary>
internal sealed class LoopServices
{
    private readonly LoopContext _loop;
    private readonly int _loops;
    private readonly FailureReports _failures;
    private readonly UpstreamPools _pools;
    private readonly ClientRates _rates;
    private readonly Action<Service> _wake;
    private ServiceState[] _measured = [];
    private long _measuredAt;
    private RoutingTable? _routing;
    private ServiceState?[] _all;
    private ServiceCounts _counts = ServiceCounts.None;

    /// <param name="loop">Whose they are.</param>
    /// <param name="routing">The table at the start.</param>
    /// <param name="loops">How many loops share the limits.</param>
    /// <param name="failures">Those of the loop's replicas.</param>
    /// <param name="pools">The loop's connections to replicas.</param>
    /// <param name="rates">Those of all clients, on all loops.</param>
    /// <param name="wake">Called, on the loop's thread, when a request has come for a service that is asleep.</param>
    internal LoopServices(
        LoopContext loop, RoutingTable routing, int loops, FailureReports failures, UpstreamPools pools, ClientRates rates, Action<Service> wake)
    {
        (_loop, _loops, _failures, _pools, _rates, _wake) = (loop, loops, failures, pools, rates, wake);
        Default = StateOf(routing.Entries[0]!);
        _all = [Default];
        Take(routing);
    }

    /// <summary>Those that there are now. A service that comes or goes replaces the array, so that others may read it.</summary>
    internal IEnumerable<ServiceState> All => Volatile.Read(ref _all).OfType<ServiceState>();

    /// <summary>What is counted for those beside the default one; from any thread.</summary>
    internal ServiceCounts Counts => Volatile.Read(ref _counts);

    /// <summary>That of what no route is for.</summary>
    internal ServiceState Default { get; }

    /// <summary>Whether any route is to be looked for.</summary>
    internal bool HasRoutes { get; private set; }

    /// <summary>What the loop has of a service; null if it has none of it, or no more.</summary>
    internal ServiceState? Find(Service service) => Array.Find(_all, one => one?.Service == service);

    /// <summary>Which service a request is for; null if its path may mean two things, so that it is to be refused.</summary>
    /// <param name="head">The bytes of its head.</param>
    /// <param name="facts">As derived from them.</param>
    /// <param name="route">What leads there; null for the default service, to which no route needs to lead.</param>
    /// <param name="length">How many bytes of the request's path are that of the route.</param>
    internal ServiceState? Find(ReadOnlySpan<byte> head, in RequestFacts facts, out RouteTarget? route, out int length)
    {
        route = _loop.Routes.Find(facts.Host.Of(head), facts.Path.Of(head), out length, out bool isAmbiguous);
        return isAmbiguous ? null : route is null ? Default : _all[route.Service];
    }

    /// <summary>Takes up a routing table, if it is another one than before. A service of which nothing has changed notices nothing.</summary>
    internal void Take(RoutingTable routing)
    {
        if (!ReferenceEquals(routing, _routing))
        {
            TakeUp(routing);
        }
    }

    /// <summary>Whether any service is measured.</summary>
    internal bool IsMeasuring => _measured.Length > 0;

    /// <summary>A turn begins: since the one before, as many requests were in flight as now.</summary>
    internal void Measure(long now)
    {
        // The rest of a microsecond counts the next time.
        long microseconds = (now - _measuredAt) / 1000;
        _measuredAt += microseconds * 1000;
        foreach (ServiceState service in _measured)
        {
            service.Queue.Measure(microseconds);
        }
    }

    // Apart, because it allocates, and a turn that finds the same table must not.
    private void TakeUp(RoutingTable routing)
    {
        _routing = routing;
        _loop.Routes = routing.Routes;
        HasRoutes = routing.Routes.Routes.Count > 0;
        ServiceState?[] all = new ServiceState?[routing.Entries.Length];
        for (int i = 0; i < all.Length; i++)
        {
            if (routing.Entries[i] is { } entry)
            {
                all[i] = i < _all.Length && _all[i] is { } known && known.Service == entry.Service ? known : StateOf(entry);
                all[i]!.Take(entry, isFresh: _loop.Requests == 0);
            }
        }

        _measured = [.. all.OfType<ServiceState>().Where(one => one.Table.IsMeasured)];
        _measuredAt = _loop.Instant;
        ServiceState?[] before = _all;
        Volatile.Write(ref _all, all);
        Volatile.Write(ref _counts, _counts.With(all.OfType<ServiceState>()));
        foreach (ServiceState gone in before.OfType<ServiceState>().Where(one => one.Service.Number >= all.Length || all[one.Service.Number] != one))
        {
            gone.End();
        }
    }

    private ServiceState StateOf(ServiceEntry entry) => new(_loop, entry, _loops, _failures, _pools, _rates, _wake);
}
