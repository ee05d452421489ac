using System.Net;
using System.Net.Sockets;
using Edge.Config;
using Edge.Proxy;
using Edge.Routing;
using static Edge.Tests.Fuzz.FuzzTargets;

namespace Edge.Tests.Fuzz;

/// <summary>
/// A whole loop of the data plane, turned by hand on this thread, between one client and two replicas that do what a script
/// says, over loopback sockets and the streams of HTTP/1, or over streams in memory. Whatever they send, nothing is thrown, what arrives is what was meant
/// (<see cref="ExchangeOracle"/>), and when they have gone, nothing of them is left.
/// </summary>
/// <param name="isInMemory">Which of them.</param>
internal sealed class ExchangeTarget(bool isInMemory) : IFuzzTarget
{
    // After so many turns with nothing to do, the run is over: deferred work needs one turn, a partial read or write two.
    private const int QuietTurns = 5;
    private const int TurnsAtMost = 20_000;
    private const int PatienceMilliseconds = 1000;

    internal static readonly EdgeOptions Options = new()
    {
        Listen = "127.0.0.1:0",
        Loops = 1,
        Retries = new RetryOptions { BudgetPerSecond = 1_000_000, BudgetPercent = 100 },
    };

    private readonly Socket[] _listeners = isInMemory ? [] : [Listen(), Listen()];

    // Weighted, so that the first two requests go to the same one, and the second over the connection of the first.
    internal static Replica[] MakeReplicas(IPEndPoint[] addresses) => [.. addresses.Select((a, i) => new Replica(i, $"server_{i + 1}", a, i == 0 ? 4 : 1, 1))];

    public void Run(ReadOnlySpan<byte> input)
    {
        List<Step> steps = ExchangeScript.Parse(input);

        // A loop of its own, since a loop learns: what came before must not change what this input does.
        using IExchangeStage stage = isInMemory ? new MemoryStage() : new SocketStage(_listeners);
        List<Upstream> upstreams = stage.Upstreams;
        var early = new Queue<Step>();
        try
        {
            bool isJoined = false;
            foreach (Step step in steps)
            {
                Peer? peer = step.Side == Side.Client ? stage.Client : early.Count == 0 ? Newest(upstreams) : null;
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
                    Settle(stage, early);
                }
            }

            Until(stage, early, () => new ExchangeOracle(stage.Client, upstreams, !isInMemory && stage.Loop.SendBatch.IsOpen).Check());
        }
        catch
        {
            upstreams.ForEach(u => u.Peer.Dispose());
            throw;
        }
        finally
        {
            stage.Client.Dispose();
        }

        Until(stage, early, () => ExchangePromises.CheckLetGo(upstreams));
        upstreams.ForEach(u => u.Peer.Dispose());
        Until(stage, early, () =>
        {
            upstreams.ForEach(u => u.Peer.Dispose());
            stage.CheckNothingIsLeft();
            Check(stage.Loop.Buffers.Outstanding == 0, $"{stage.Loop.Buffers.Outstanding} buffers are left");
            Check(stage.Replicas.All(r => r.Totals().InFlight == 0), "something is in flight for nobody");
        });
        stage.Loop.Drain();
        stage.Loop.Stop();
        stage.Loop.Run();
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
    private static void Until(IExchangeStage stage, Queue<Step> early, Action holds)
    {
        long begun = Environment.TickCount64;
        while (true)
        {
            try
            {
                Settle(stage, early);
                holds();
                return;
            }
            catch (FuzzException) when (Environment.TickCount64 - begun < PatienceMilliseconds && stage.Wait())
            {
            }
        }
    }

    // Who does what a replica is to do.
    private static Peer? Newest(List<Upstream> upstreams) => upstreams.LastOrDefault(u => !u.Peer.IsGone)?.Peer;

    // What a replica does before there is a connection to it, it does on the next one.
    private static void Settle(IExchangeStage stage, Queue<Step> early)
    {
        int quiet = 0;
        for (int turn = 0; quiet < QuietTurns; turn++)
        {
            Check(turn < TurnsAtMost, "it never comes to rest");
            bool moved = stage.Turn();
            moved |= stage.Client.Move();
            if (Newest(stage.Upstreams) is { } newest && early.TryDequeue(out Step step))
            {
                newest.Do(step);
                moved = true;
            }

            foreach (Upstream upstream in stage.Upstreams)
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
