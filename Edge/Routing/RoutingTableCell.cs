namespace Edge.Routing;

/// <summary>The one reference that both planes share: the control plane swaps it, and the loops read it once a turn.</summary>
internal sealed class RoutingTableCell
{
    private readonly Lock _publishing = new();
    private RoutingTable _current = RoutingTable.Empty;

    internal RoutingTable Current => Volatile.Read(ref _current);

    /// <summary>Gives one service another table; those of all others stay. From any thread: fleets publish on their own.</summary>
    internal void Publish(Service service, ReplicaTable table)
    {
        lock (_publishing)
        {
            Volatile.Write(ref _current, _current.With(service, table));
        }
    }
}
