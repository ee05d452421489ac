using System.Net;
using Edge.Proxy;
using Edge.Routing;
using static Edge.Tests.Fuzz.FuzzTargets;

namespace Edge.Tests.Fuzz;

/// <summary>Over queues of bytes: an exchange, its streams, and no socket at all.</summary>
internal sealed class MemoryStage : IExchangeStage
{
    private readonly MemoryClient _client;
    private readonly List<MemoryUpstream> _streams = [];
    private bool _isNew;

    internal MemoryStage()
    {
        Replicas = ExchangeTarget.MakeReplicas([new IPEndPoint(IPAddress.Loopback, 1), new IPEndPoint(IPAddress.Loopback, 2)]);
        var table = new RoutingTableCell(ExchangeTarget.Options);
        table.Publish(Service.Default, new ReplicaTable(Replicas));
        Loop = HandTurned.Loop(ExchangeTarget.Options, table, new MemoryProtocol(Connected));
        Loop.Turn(waits: false);
        _client = new MemoryClient(Loop);
        Client = new Peer(_client.Wire);
    }

    public ProxyLoop Loop { get; }

    public IReadOnlyList<Replica> Replicas { get; }

    public Peer Client { get; }

    public List<Upstream> Upstreams { get; } = [];

    public bool Turn()
    {
        _isNew = false;
        Loop.Turn(waits: false);
        foreach (MemoryUpstream stream in _streams.Where(s => !s.Wire.IsClosed).ToArray())
        {
            stream.Turn();
        }

        _client.Turn();
        return _isNew;
    }

    // All that was sent is there.
    public bool Wait() => false;

    public void CheckNothingIsLeft()
    {
        Check(_client.Wire.IsClosed, "the client's connection is left");
        Check(_streams.All(s => s.Wire.IsClosed), "a connection to a replica is left");
    }

    public void Dispose() => Loop.Dispose();

    private void Connected(MemoryUpstream stream)
    {
        _streams.Add(stream);
        Upstreams.Add(new Upstream(stream.Pool.Replica.Slot, new Peer(stream.Wire)));
        _isNew = true;
    }
}
