using System.Net;
using System.Net.Sockets;
using System.Text;
using Edge.Config;
using Edge.Proxy;
using Edge.Routing;
using Edge.Tests.Fuzz;

namespace Edge.Tests.Proxy;

/// <summary>A loop that is turned by hand, between clients and one replica whose sockets the test holds, so that it is known what comes first.</summary>
internal sealed class HandTurnedProxy : IDisposable
{
    private const int PatienceMilliseconds = 20_000;

    private readonly Socket _replica = NewSocket();
    private readonly List<Socket> _sockets = [];
    private readonly IPEndPoint _endpoint;

    /// <param name="overload">What is let in, and what waits.</param>
    /// <param name="replicaPort">Where the replica listens; 0 for any port.</param>
    /// <param name="listenPort">Where the balancer does.</param>
    /// <param name="isOwned">Whether the replica is one that the balancer starts again.</param>
    /// <param name="listens">Whether the replica takes connections from the beginning.</param>
    internal HandTurnedProxy(OverloadOptions? overload = null, int replicaPort = 0, int listenPort = 0, bool isOwned = false, bool listens = true)
    {
        _replica.Bind(new IPEndPoint(IPAddress.Loopback, replicaPort));
        if (listens)
        {
            Listen();
        }

        Replica = NewReplica("server_1");
        Options = new EdgeOptions { Listen = $"127.0.0.1:{listenPort}", Loops = 1, Overload = overload ?? new OverloadOptions() };
        Table = new RoutingTableCell(Options);
        Table.Publish(Service.Default, new ReplicaTable([Replica]) { IsOwned = isOwned });
        Loop = HandTurned.Loop(Options, Table, out _endpoint);
    }

    internal EdgeOptions Options { get; }

    internal ProxyLoop Loop { get; }

    /// <summary>What the loop reads; the replica is in it.</summary>
    internal RoutingTableCell Table { get; }

    internal Replica Replica { get; }

    /// <summary>Another replica at the same address, in the same slot.</summary>
    internal Replica NewReplica(string name) => new(0, name, (IPEndPoint)_replica.LocalEndPoint!, 1, 1);

    /// <summary>The replica takes connections.</summary>
    internal void Listen() => _replica.Listen(1000);

    /// <summary>A new client, that has asked.</summary>
    internal Socket Ask(string path = "/", string from = "127.0.0.1:0")
    {
        Socket client = NewSocket();
        _sockets.Add(client);
        client.Bind(IPEndPoint.Parse(from));
        client.Connect(_endpoint);
        Ask(client, path);
        return client;
    }

    internal static void Ask(Socket client, string path) => client.Send(Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: h\r\n\r\n"));

    /// <summary>The next connection to the replica.</summary>
    internal Socket Accept()
    {
        TurnUntil(() => _replica.Poll(0, SelectMode.SelectRead));
        Socket upstream = _replica.Accept();
        _sockets.Add(upstream);
        return upstream;
    }

    /// <summary>What comes next; empty at the end.</summary>
    internal string Receive(Socket socket)
    {
        TurnUntil(() => socket.Poll(0, SelectMode.SelectRead));
        byte[] buffer = new byte[4096];
        return Encoding.ASCII.GetString(buffer, 0, socket.Receive(buffer));
    }

    /// <summary>The replica takes a request and answers: it is the answer to that.</summary>
    internal void Answer(Socket upstream, string fields = "")
    {
        Assert.EndsWith("\r\n\r\n", Receive(upstream), StringComparison.Ordinal);
        upstream.Send(Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n{fields}\r\n"));
    }

    /// <summary>Turns until it is so. Waits for no event: what does not come would be waited for without end.</summary>
    internal void TurnUntil(Func<bool> isSo)
    {
        long begun = Environment.TickCount64;
        while (!isSo())
        {
            Assert.True(Environment.TickCount64 - begun < PatienceMilliseconds, "it never came");
            Loop.Turn(waits: false);
        }
    }

    public void Dispose()
    {
        _sockets.ForEach(s => s.Dispose());
        _replica.Dispose();
        Loop.Dispose();
    }

    private static Socket NewSocket() => new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
}
