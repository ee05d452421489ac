using System.Net;
using System.Net.Sockets;
using Edge.Config;
using Edge.Proxy;
using Edge.Routing;
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
    private const int PatienceMilliseconds = 1000;
    private const int PollMicroseconds = 1000;

    private static readonly EdgeOptions s_options = new()
    {
        Listen = "127.0.0.1:0",
        Loops = 1,
        Retries = new RetryOptions { BudgetPerSecond = 1_000_000, BudgetPercent = 100 },
    };

    private readonly Socket[] _listeners = [Listen(), Listen()];

    public void Run(ReadOnlySpan<byte> input)
    {
        List<Step> steps = ExchangeScript.Parse(input);

        // A loop of its own, since a loop learns: what came before must not change what this input does.
        var table = new RoutingTableCell();
        using ProxyLoop loop = HandTurned.Loop(s_options, table, out IPEndPoint endpoint);
        // Weighted, so that the first two requests go to the same one, and the second over the connection of the first.
        Replica[] replicas = [.. _listeners.Select((l, i) => new Replica(i, $"server_{i + 1}", (IPEndPoint)l.LocalEndPoint!, i == 0 ? 4 : 1, 1))];
        table.Publish(Service.Default, new ReplicaTable(replicas));
        loop.Turn(waits: false);
        int registered = loop.Registered;

        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Connect(endpoint);
        var client = new Peer(socket);
        var upstreams = new List<Upstream>();
        var early = new Queue<Step>();
        try
        {
            bool isJoined = false;
            foreach (Step step in steps)
            {
                Peer? peer = step.Side == Side.Client ? client : early.Count == 0 ? Newest(upstreams) : null;
                if (peer is null)
                {
                    early.Enqueue(step);
                }
                else
                {
                    peer.Do(step);
                }

                if (step.IsJoint || isJoined)
                {
                    peer?.Move();
                }

                isJoined = step.IsJoint;
                if (!isJoined)
                {
                    Settle(loop, client, upstreams, early);
                }
            }

            Until(() => { Settle(loop, client, upstreams, early); new ExchangeOracle(client, upstreams, loop.SendBatch.IsOpen).Check(); });
        }
        catch
        {
            upstreams.ForEach(u => u.Peer.Dispose());
            throw;
        }
        finally
        {
            client.Dispose();
        }

        Until(() => { Settle(loop, client, upstreams, early); ExchangePromises.CheckLetGo(upstreams); });
        upstreams.ForEach(u => u.Peer.Dispose());
        Until(() =>
        {
            Settle(loop, client, upstreams, early);
            upstreams.ForEach(u => u.Peer.Dispose());
            Check(loop.Registered == registered, $"{loop.Registered - registered} connections are left");
            Check(loop.Buffers.Outstanding == 0, $"{loop.Buffers.Outstanding} buffers are left");
            Check(replicas.All(r => r.Totals().InFlight == 0), "something is in flight for nobody");
        });
        loop.Drain();
        loop.Stop();
        loop.Run();
    }

    public void Dispose()
    {
        foreach (Socket listener in _listeners)
        {
            listener.Dispose();
        }
    }

    private static Socket Listen()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { Blocking = false };
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        socket.Listen(64);
        return socket;
    }

    // The kernel hands over what is sent to loopback at once, unless it is busy: then a moment later, and what holds in the end
    // may not hold yet.
    private void Until(Action holds)
    {
        long begun = Environment.TickCount64;
        while (true)
        {
            try
            {
                holds();
                return;
            }
            catch (FuzzException) when (Environment.TickCount64 - begun < PatienceMilliseconds)
            {
                _listeners[0].Poll(PollMicroseconds, SelectMode.SelectRead);
            }
        }
    }

    // Who does what a replica is to do.
    private static Peer? Newest(List<Upstream> upstreams) => upstreams.LastOrDefault(u => !u.Peer.IsGone)?.Peer;

    // What a replica does before there is a connection to it, it does on the next one.
    private void Settle(ProxyLoop loop, Peer client, List<Upstream> upstreams, Queue<Step> early)
    {
        int quiet = 0;
        for (int turn = 0; quiet < QuietTurns; turn++)
        {
            Check(turn < TurnsAtMost, "it never comes to rest");
            loop.Turn(waits: false);
            bool moved = client.Move();
            for (int i = 0; i < _listeners.Length; i++)
            {
                while (_listeners[i].Poll(0, SelectMode.SelectRead))
                {
                    upstreams.Add(new Upstream(i, new Peer(_listeners[i].Accept())));
                    moved = true;
                }
            }

            if (Newest(upstreams) is { } newest && early.TryDequeue(out Step step))
            {
                newest.Do(step);
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
