using System.Net;
using System.Net.Sockets;
using System.Text;
using Edge.Balancing;
using Edge.Options;
using Edge.Proxy;
using Edge.Tests.Backends;
using Edge.Tests.Fuzz;

namespace Edge.Tests.Proxy;

/// <summary>Who is let in, and when: a loop that is turned by hand, between clients and a replica whose sockets the test holds.</summary>
public sealed class WaitingRoomTests : IDisposable
{
    private static readonly ProxySettings s_settings = new() { Listen = new IPEndPoint(IPAddress.Loopback, 0), Loops = 1 };

    private const int ReplicaPort = 9001;
    private const int ListenPort = 9002;
    private const int ClientPort = 9003;

    private readonly List<Socket> _sockets = [];
    private Socket? _replica;

    [Fact]
    public void All_that_there_is_room_for_are_let_in_in_one_turn()
    {
        using ProxyLoop loop = Loop(new OverloadSettings { InFlight = 1, Queue = 1000 }, out IPEndPoint endpoint);

        // One in flight, as many as one turn lets in, and one more.
        int clients = 1 + Limits.EventsPerWait + 1;
        for (int i = 0; i < clients; i++)
        {
            Ask(endpoint);
        }

        TurnUntil(loop, () => loop.Room.Count == clients - 1);
        loop.Reconfigure(new LoopSettings(s_settings));
        loop.Turn(waits: false);
        Assert.Equal((1, clients - 1), (loop.Room.Count, loop.Room.InFlight));
        loop.Turn(waits: false);
        Assert.Equal((0, clients), (loop.Room.Count, loop.Room.InFlight));
    }

    [Fact]
    public void One_that_leaves_when_its_turn_has_come_does_not_keep_those_behind_it()
    {
        var overload = new OverloadSettings { InFlight = 1, Queue = 1000, QueueWait = TimeSpan.FromSeconds(2) };
        using ProxyLoop loop = Loop(overload, out IPEndPoint endpoint);
        Socket first = Ask(endpoint);
        TurnUntil(loop, () => loop.Room.InFlight == 1);
        Socket second = Ask(endpoint);
        TurnUntil(loop, () => loop.Room.Count == 1);
        Socket third = Ask(endpoint);
        TurnUntil(loop, () => loop.Room.Count == 2);
        Socket upstream = Accept(loop);

        // Both in one turn: there is room, and the next to have it is gone.
        Answer(upstream);
        second.Close(timeout: 0);
        TurnUntil(loop, () => loop.Room.Count == 0);
        Answer(upstream);
        TurnUntil(loop, () => third.Available > 0);
        Assert.All([first, third], s => Assert.StartsWith("HTTP/1.1 200 ", Received(s), StringComparison.Ordinal));
    }

    [Fact]
    public void The_first_of_those_that_wait_for_a_replica_may_leave()
    {
        var overload = new OverloadSettings { Queue = 1000, QueueWait = TimeSpan.FromSeconds(2) };
        using ProxyLoop loop = Loop(overload, out IPEndPoint endpoint, isOwned: true, listens: false);
        Socket first = Ask(endpoint);
        TurnUntil(loop, () => loop.Room.Count == 1);
        Socket second = Ask(endpoint);
        TurnUntil(loop, () => loop.Room.Count == 2);
        first.Close(timeout: 0);
        TurnUntil(loop, () => loop.Room.Count == 1);
        _replica!.Listen();
        TurnUntil(loop, () => loop.Room.Count == 0);
        Answer(Accept(loop));
        TurnUntil(loop, () => second.Available > 0);
        Assert.StartsWith("HTTP/1.1 200 ", Received(second), StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_for_which_there_is_no_port_waits_for_a_connection_and_is_no_failure_of_the_replica()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Only root can have a network of its own, in which ports are few.");
        await OwnNetwork.RunAsync(ports: 4, () =>
        {
            using ProxyLoop loop = Loop(new OverloadSettings { Queue = 1000 }, out IPEndPoint endpoint, ReplicaPort, ListenPort);
            Socket[] clients = [.. Enumerable.Range(2, 6).Select(i => Ask(endpoint, from: $"127.0.0.{i}:{ClientPort}"))];
            TurnUntil(loop, () => loop.Room.Count + loop.Room.InFlight == clients.Length);
            Assert.Equal((4, 2), (loop.Room.InFlight, loop.Room.Count));
            Socket[] upstreams = [.. Enumerable.Range(0, 4).Select(_ => Accept(loop))];
            foreach (Socket upstream in upstreams)
            {
                Answer(upstream);
            }

            TurnUntil(loop, () => loop.Room.InFlight == 2 && upstreams.Count(u => u.Available > 0) == 2);
            foreach (Socket upstream in upstreams.Where(u => u.Available > 0))
            {
                Answer(upstream);
            }

            TurnUntil(loop, () => loop.Room.InFlight == 0);
            Assert.All(clients, c => Assert.StartsWith("HTTP/1.1 200 ", Received(c), StringComparison.Ordinal));
            Assert.Equal(0, loop.Table.Replicas[0].Totals().Failures);
        });
    }

    public void Dispose()
    {
        _replica?.Dispose();
        _sockets.ForEach(s => s.Dispose());
    }

    private ProxyLoop Loop(
        OverloadSettings overload, out IPEndPoint endpoint, int replicaPort = 0, int listenPort = 0, bool isOwned = false, bool listens = true)
    {
        _replica = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        _replica.Bind(new IPEndPoint(IPAddress.Loopback, replicaPort));
        if (listens)
        {
            _replica.Listen(1000);
        }

        var table = new ReplicaTableCell();
        table.Swap(new ReplicaTable([new Replica(0, "server_1", (IPEndPoint)_replica.LocalEndPoint!, 1, 1)]) { IsOwned = isOwned });
        return HandTurned.Loop(s_settings with { Listen = new IPEndPoint(IPAddress.Loopback, listenPort), Overload = overload }, table, out endpoint);
    }

    // In the end it turns because somebody has waited too long.
    private static void TurnUntil(ProxyLoop loop, Func<bool> isSo)
    {
        while (!isSo())
        {
            loop.Turn();
        }
    }

    private Socket Ask(IPEndPoint endpoint, string from = "127.0.0.1:0")
    {
        var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        _sockets.Add(client);
        client.Bind(IPEndPoint.Parse(from));
        client.Connect(endpoint);
        client.Send("GET / HTTP/1.1\r\nHost: h\r\n\r\n"u8);
        return client;
    }

    private Socket Accept(ProxyLoop loop)
    {
        Socket upstream = _replica!.Accept();
        upstream.ReceiveTimeout = 5000;
        _sockets.Add(upstream);
        TurnUntil(loop, () => upstream.Available > 0);
        return upstream;
    }

    // Takes the request first: what it sends then is the answer to that.
    private static void Answer(Socket upstream)
    {
        Received(upstream);
        upstream.Send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"u8);
    }

    private static string Received(Socket socket)
    {
        byte[] buffer = new byte[4096];
        return Encoding.ASCII.GetString(buffer, 0, socket.Receive(buffer));
    }
}
