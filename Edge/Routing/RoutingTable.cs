using Edge.Config;

namespace Edge.Routing;

/// <summary>
/// All services with their replica tables, and the routes to them. Immutable: a change of one service builds a new one and swaps it in whole, so that a
/// loop reads one reference, and all requests of a turn see the same.
/// </summary>
internal sealed class RoutingTable
{
    private readonly ServiceEntry?[] _entries;

    private RoutingTable(ServiceEntry?[] entries, RouteMap routes) => (_entries, Routes) = (entries, routes);

    /// <summary>The default service alone, without a replica.</summary>
    internal RoutingTable(ServiceOptions options) : this([new ServiceEntry(Service.Default, ReplicaTable.Empty, options)], RouteMap.Empty)
    {
    }

    /// <summary>By the services' numbers; null for a number that no service has now. The first is the default service's.</summary>
    internal ReadOnlySpan<ServiceEntry?> Entries => _entries;

    /// <summary>What leads to the services. What none of them is for, is for the default service.</summary>
    internal RouteMap Routes { get; }

    /// <summary>Whether the table has this service.</summary>
    internal bool Has(Service service) => service.Number < _entries.Length && _entries[service.Number]?.Service == service;

    /// <summary>The same with other replicas for one service; the same table if the service is none of these.</summary>
    internal RoutingTable With(Service service, ReplicaTable table) =>
        Has(service) ? WithEntry(service.Number, _entries[service.Number]! with { Table = table }) : this;

    /// <summary>The same with other options for one service; the same table if the service is none of these.</summary>
    internal RoutingTable With(Service service, ServiceOptions options) =>
        Has(service) ? WithEntry(service.Number, _entries[service.Number]! with { Options = options }) : this;

    /// <summary>The same with another mode for one service; the same table if the service is none of these.</summary>
    internal RoutingTable With(Service service, ServiceMode mode) =>
        Has(service) ? WithEntry(service.Number, _entries[service.Number]! with { Mode = mode }) : this;

    /// <summary>Whether the requests of a service go to its replicas; open if the service is none of these.</summary>
    internal ServiceMode ModeOf(Service service) => Has(service) ? _entries[service.Number]!.Mode : ServiceMode.Open;

    /// <summary>The same with one more service, which no route leads to yet.</summary>
    /// <exception cref="ArgumentException">Another service has its number.</exception>
    internal RoutingTable WithNew(Service service, ServiceOptions options)
    {
        if (service.Number < _entries.Length && _entries[service.Number] is { } other)
        {
            throw new ArgumentException($"{other.Service} has the number {service.Number} of {service}.", nameof(service));
        }

        return WithEntry(service.Number, new ServiceEntry(service, ReplicaTable.Empty, options));
    }

    /// <summary>The same without one service; the routes to it have to be gone before.</summary>
    /// <exception cref="ArgumentException">It is the default service, or a route leads to it.</exception>
    internal RoutingTable Without(Service service)
    {
        if (service.Number == 0 || Routes.Routes.Any(route => route.Service == service.Number))
        {
            throw new ArgumentException($"Requests may be for {service}.", nameof(service));
        }

        return Has(service) ? WithEntry(service.Number, null) : this;
    }

    /// <summary>The same with other routes.</summary>
    /// <exception cref="ArgumentException">A route leads to no service.</exception>
    internal RoutingTable With(RouteMap routes)
    {
        if (routes.Routes.FirstOrDefault(route => route.Service >= _entries.Length || _entries[route.Service] is null) is { } lost)
        {
            throw new ArgumentException($"The route {lost} leads to no service.", nameof(routes));
        }

        return new RoutingTable(_entries, routes);
    }

    private RoutingTable WithEntry(int number, ServiceEntry? entry)
    {
        var entries = new ServiceEntry?[Math.Max(_entries.Length, number + 1)];
        _entries.CopyTo(entries, 0);
        entries[number] = entry;
        return new RoutingTable(entries, Routes);
    }
}
