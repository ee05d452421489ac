namespace Edge.Routing;

/// <summary>
/// All services with their replica tables. Immutable: a change of one service builds a new one and swaps it in whole, so that a loop reads one
/// reference, and all requests of a turn see the same.
/// </summary>
internal sealed class RoutingTable
{
    /// <summary>The default service alone, without a replica.</summary>
    internal static readonly RoutingTable Empty = new([Service.Default], [ReplicaTable.Empty]);

    private readonly Service[] _services;
    private readonly ReplicaTable[] _tables;

    private RoutingTable(Service[] services, ReplicaTable[] tables) => (_services, _tables) = (services, tables);

    /// <summary>By their numbers.</summary>
    internal ReadOnlySpan<Service> Services => _services;

    /// <summary>The table of the service with this number.</summary>
    internal ReplicaTable TableOf(int service) => _tables[service];

    /// <summary>The same with another table for one service, which is a new one where it has the next number.</summary>
    /// <exception cref="ArgumentException">Another service has its number, or the number is not the next one.</exception>
    internal RoutingTable With(Service service, ReplicaTable table)
    {
        int number = service.Number;
        if (number == _services.Length)
        {
            return new RoutingTable([.. _services, service], [.. _tables, table]);
        }

        if (number > _services.Length || _services[number] != service)
        {
            throw new ArgumentException($"Number {number} is not that of {service}.", nameof(service));
        }

        ReplicaTable[] tables = [.. _tables];
        tables[number] = table;
        return new RoutingTable(_services, tables);
    }

    /// <summary>The number of the service that a request for this host is for: the first where no other has it.</summary>
    /// <param name="host">As the request names it, with a port or without; empty where it names none.</param>
    internal int Find(ReadOnlySpan<byte> host)
    {
        ReadOnlySpan<byte> name = WithoutPort(host);
        for (int i = 1; i < _services.Length; i++)
        {
            if (_services[i].Has(name))
            {
                return i;
            }
        }

        return 0;
    }

    // The last colon, unless it is one of an IPv6 address, which stands in brackets (RFC 3986 §3.2.2).
    private static ReadOnlySpan<byte> WithoutPort(ReadOnlySpan<byte> host)
    {
        int colon = host.LastIndexOf((byte)':');
        return colon < 0 || host[colon..].Contains((byte)']') ? host : host[..colon];
    }
}
