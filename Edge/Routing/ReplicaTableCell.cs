namespace Edge.Routing;

/// <summary>The one reference that both planes share: the control plane swaps it, the loops read it once a turn.</summary>
internal sealed class ReplicaTableCell
{
    private ReplicaTable _current = ReplicaTable.Empty;

    internal ReplicaTable Current => Volatile.Read(ref _current);

    internal void Swap(ReplicaTable table) => Volatile.Write(ref _current, table);
}
