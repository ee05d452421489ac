using System.Net;
using Edge.Balancing;
using Edge.Observability;

namespace Edge.Proxy;

// TO BE REPLACED AT THE MERGE: the data plane brings the real one. This one only lets the program compile.
internal sealed class DataPlane(ProxySettings settings, LocalHandler control) : IDataPlane
{
    private readonly ReplicaTableCell _cell = new();

    public int Loops => settings.Loops;

    internal LocalHandler Control => control;

    internal IPEndPoint Endpoint => settings.Listen;

    internal IPEndPoint? ControlEndpoint => settings.ControlListen;

    public void Publish(ReplicaTable table) => _cell.Swap(table);

    public Task<bool> ReleaseAsync(Replica replica, TimeSpan timeout) => Task.FromResult(true);

    internal void Start() => _cell.Swap(ReplicaTable.Empty);

    internal LoopReport[] Report() => [.. Enumerable.Range(0, Loops).Select(loop => new LoopReport(loop, 0, 0, 0, 0))];

    internal Task StopAsync(TimeSpan drain)
    {
        _cell.Swap(ReplicaTable.Empty);
        return Task.CompletedTask;
    }
}
