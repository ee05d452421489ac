using System.Diagnostics;
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
    private RoutingTable _routing = RoutingTable.Empty;
    private ServiceState? _only;

    /// <param name="loop">Whose they are.</param>
    /// <param name="loops">How many loops share the limits.</param>
    /// <param name="failures">Those of the loop's replicas.</param>
    /// <param name="pools">The loop's connections to replicas.</param>
    internal LoopServices(LoopContext loop, int loops, FailureReports failures, UpstreamPools pools)
    {
        (_loop, _loops, _failures, _pools) = (loop, loops, failures, pools);
        _only = StateOf(Service.Default);
        All = [_only];
    }

    /// <summary>By the services' numbers. A service that comes replaces the array, so that others may read it.</summary>
    internal ServiceState[] All { get; private set; }

    /// <summary>Which service a request is for. With a single one, nothing is looked up.</summary>
    /// <param name="head">The bytes of its head.</param>
    /// <param name="facts">As derived from them.</param>
    internal ServiceState Of(ReadOnlySpan<byte> head, in RequestFacts facts) => _only ?? All[_routing.Find(facts.Host.Of(head))];

    /// <summary>Takes up a routing table, if it is another one than before. A service whose replica table is the same notices nothing.</summary>
    internal void Take(RoutingTable routing)
    {
        if (ReferenceEquals(routing, _routing))
        {
            return;
        }

        Debug.Assert(routing.Services.Length >= All.Length, "a service that was there once stays");
        _routing = routing;
        if (routing.Services.Length > All.Length)
        {
            All = [.. All, .. routing.Services[All.Length..].ToArray().Select(StateOf)];
            _only = null;
        }

        foreach (ServiceState service in All)
        {
            Debug.Assert(routing.Services[service.Service.Number] == service.Service, "a service keeps its number");
            service.Take(routing.TableOf(service.Service.Number), isFresh: _loop.Requests == 0);
        }
    }

    /// <summary>The loop has other settings.</summary>
    internal void Reconfigure()
    {
        _failures.CountsStatus = _loop.Settings.EjectsOnStatus;
        foreach (ServiceState service in All)
        {
            service.Reconfigure();
        }
    }

    private ServiceState StateOf(Service service) => new(_loop, service, _loops, _failures, _pools);
}
