using System.Net;
using System.Net.Sockets;
using Edge.Proxy;
using Edge.Routing;
using static Edge.Tests.Fuzz.FuzzTargets;

namespace Edge.Tests.Fuzz;

/// <summary>Over loopback sockets: all of the data plane.</summary>
internal sealed class SocketStage : IExchangeStage
{
    private const int PollMicroseconds = 1000;

    private readonly IReadOnlyList<Socket> _listeners;
    private readonly int _registered;

    /// <param name="listeners">Where the replicas listen.</param>
    internal SocketStage(IReadOnlyList<Socket> listeners)
    {
        _listeners = listeners;
        var table = new RoutingTableCell(ExchangeTarget.Options);
        Loop = HandTurned.Loop(ExchangeTarget.Options, table, out IPEndPoint endpoint);
        Replicas = ExchangeTarget.MakeReplicas([.. listeners.Select(l => (IPEndPoint)l.LocalEndPoint!)]);
        table.Publish(Service.Default, new ReplicaTable(Replicas));
        Loop.Turn(waits: false);
        _registered = Loop.Registered;
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Connect(endpoint);
        Client = new Peer(new SocketWire(socket));
    }

    public ProxyLoop Loop { get; }

    public IReadOnlyList<Replica> Replicas { get; }

    public Peer Client { get; }

    public List<Upstream> Upstreams { get; } = [];

    public bool Turn()
    {
        Loop.Turn(waits: false);
        bool accepted = false;
        for (int i = 0; i < _listeners.Count; i++)
        {
            while (_listeners[i].Poll(0, SelectMode.SelectRead))
            {
                Upstreams.Add(new Upstream(i, new Peer(new SocketWire(_listeners[i].Accept()))));
                accepted = true;
            }
        }

        return accepted;
    }

    public bool Wait()
    {
        _listeners[0].Poll(PollMicroseconds, SelectMode.SelectRead);
        return true;
    }

    public void CheckNothingIsLeft() => Check(Loop.Registered == _registered, $"{Loop.Registered - _registered} connections are left");

    public void Dispose() => Loop.Dispose();
}
