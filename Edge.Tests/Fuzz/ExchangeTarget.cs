using System.Net;
using System.Net.Sockets;
using Edge.Balancing;
using Edge.Proxy;
using static Edge.Tests.Fuzz.FuzzTargets;

namespace Edge.Tests.Fuzz;

/// <summary>
/// A whole loop of the data plane, turned by hand on this thread, between one client and two replicas that do what a script
/// says, over loopback sockets. Whatever they send, nothing is thrown, what arrives is what was meant (<see
/// cref="ExchangeOracle"/>), and when they have gone, nothing of them is left.
/// </summary>
internal sealed class ExchangeTarget : IFuzzTarget
{
    // So many turns without anything to do for anybody are the end of it: what is put off needs one, what is cut short two.
    private const int QuietTurns = 5;
    private const int TurnsAtMost = 20_000;

    private readonly ReplicaTableCell _table = new();
    private readonly ProxyLoop _loop;
    private readonly IPEndPoint _endpoint;
    private readonly Socket[] _listeners = [Listen(), Listen()];
    private readonly Replica[] _replicas;
    private readonly int _registered;

    internal ExchangeTarget()
    {
        var settings = new ProxySettings
        {
            Listen = new IPEndPoint(IPAddress.Loopback, 0),
            Loops = 1,
            Retries = new RetrySettings { BudgetPerSecond = 1_000_000, BudgetPercent = 100 },
            NameReplica = true,
        };
        _loop = new ProxyLoop(0, settings, _table, _ => throw new InvalidOperationException("nothing here is the balancer's own"), new ClientCounts(0), _ => { });
        _endpoint = _loop.Listen(settings.Listen, ListenerRole.Forwarding);
        _loop.OpenListeners();
        _replicas = [.. _listeners.Select((l, i) => new Replica(i, $"server_{i + 1}", (IPEndPoint)l.LocalEndPoint!, 1, 1))];
        _table.Swap(new ReplicaTable(_replicas));
        _loop.Turn(waits: false);
        _registered = _loop.Registered;
    }

    public void Run(ReadOnlySpan<byte> input)
    {
        List<Step> steps = ExchangeScript.Parse(input);
        _loop.Cursor = 0;
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Connect(_endpoint);
        var client = new Peer(socket);
        var upstreams = new List<Upstream>();
        var early = new Queue<Step>();
        try
        {
            foreach (Step step in steps)
            {
                if (step.Side == Side.Client)
                {
                    client.Do(step);
                }
                else
                {
                    early.Enqueue(step);
                }

                Settle(client, upstreams, early);
            }

            Settle(client, upstreams, early);
            new ExchangeOracle(client, upstreams).Check();
        }
        finally
        {
            client.Dispose();
            upstreams.ForEach(u => u.Peer.Dispose());
            Settle(client, upstreams, early);
            upstreams.ForEach(u => u.Peer.Dispose());
            Settle(client, upstreams, early);
        }

        Check(_loop.Registered == _registered, $"{_loop.Registered - _registered} connections are left");
        Check(_loop.Buffers.Outstanding == 0, $"{_loop.Buffers.Outstanding} buffers are left");
        Check(_replicas.All(r => r.Totals().InFlight == 0), "something is in flight for nobody");
    }

    public void Dispose()
    {
        foreach (Socket listener in _listeners)
        {
            listener.Dispose();
        }

        _loop.Stop();
        _loop.Run();
        _loop.Dispose();
    }

    private static Socket Listen()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { Blocking = false };
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        socket.Listen(64);
        return socket;
    }

    // What a replica does before there is a connection to it, it does on the next one.
    private void Settle(Peer client, List<Upstream> upstreams, Queue<Step> early)
    {
        int quiet = 0;
        for (int turn = 0; quiet < QuietTurns; turn++)
        {
            Check(turn < TurnsAtMost, "it never comes to rest");
            _loop.Turn(waits: false);
            bool moved = client.Move();
            for (int i = 0; i < _listeners.Length; i++)
            {
                while (_listeners[i].Poll(0, SelectMode.SelectRead))
                {
                    upstreams.Add(new Upstream(i, new Peer(_listeners[i].Accept())));
                    moved = true;
                }
            }

            if (upstreams.LastOrDefault(u => !u.Peer.IsGone) is { } newest && early.TryDequeue(out Step step))
            {
                newest.Peer.Do(step);
                moved = true;
            }

            foreach (Upstream upstream in upstreams)
            {
                moved |= upstream.Peer.Move();
            }

            quiet = moved ? 0 : quiet + 1;
        }
    }
}

/// <summary>A connection that the balancer has made to a replica.</summary>
/// <param name="Replica">Which one.</param>
/// <param name="Peer">Its end of it.</param>
internal sealed record Upstream(int Replica, Peer Peer);
