using Edge.Config;

namespace Edge.Routing;

/// <summary>The one reference that both planes share: the control plane swaps it, and the loops read it once a turn.</summary>
/// <param name="options">Those of the default service, at the start.</param>
internal sealed class RoutingTableCell(ServiceOptions options)
{
    private readonly Lock _publishing = new();
    private RoutingTable _current = new(options);

    internal RoutingTable Current => Volatile.Read(ref _current);

    /// <summary>Gives one service another table; those of all others stay. From any thread: fleets publish on their own.</summary>
    internal void Publish(Service service, ReplicaTable table) => Change(routing => routing.With(service, table));

    /// <summary>Puts another table in place of the present one. From any thread.</summary>
    /// <param name="change">Makes it of the present one.</param>
    internal void Change(Func<RoutingTable, RoutingTable> change)
    {
        lock (_publishing)
        {
            Volatile.Write(ref _current, change(_current));
        }
    }
}
