using System.Net;
using System.Net.Sockets;
using Edge.Io;
using Edge.Tests.Backends;

namespace Edge.Tests.Io;

public class ListenerTests
{
    private static Socket Connect(IPEndPoint to)
    {
        var socket = new Socket(to.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        socket.Connect(to);
        return socket;
    }

    [Fact]
    public async Task Two_loops_share_one_address()
    {
        await using TestLoop one = new(), two = new();
        int[] accepted = new int[2];
        Listener first = await one.ListenAsync(fd =>
        {
            Interlocked.Increment(ref accepted[0]);
            _ = new Echo(one, fd);
        });
        Assert.NotEqual(0, first.Endpoint.Port);
        await two.RunAsync(() => new Listener(two, first.Endpoint, (fd, from) =>
        {
            Interlocked.Increment(ref accepted[1]);
            _ = new Echo(two, fd);
        }).Open());

        // The kernel deals by address and port: a hundred that all go to one loop are out of the question.
        for (int i = 0; i < 100; i++)
        {
            using Wire client = await Wire.ConnectAsync(first.Endpoint);
            await client.SendAsync("x");
            byte[] echo = await client.ReadExactlyAsync(1);
            Assert.Equal("x"u8, echo);
        }

        Assert.Equal(100, accepted.Sum());
        Assert.All(accepted, a => Assert.NotEqual(0, a));
    }

    [Fact]
    public async Task An_address_at_which_a_socket_listens_is_not_free()
    {
        IPEndPoint endpoint;
        await using (var loop = new TestLoop())
        {
            endpoint = (await loop.ListenAsync(_ => { })).Endpoint;
            Assert.Equal(SocketError.AddressAlreadyInUse, Assert.Throws<SocketException>(() => Listener.CheckFree(endpoint)).SocketErrorCode);
        }

        Listener.CheckFree(endpoint);
        Listener.CheckFree(endpoint);
        Listener.CheckFree(new IPEndPoint(IPAddress.Loopback, 0));
    }

    [Fact]
    public async Task An_address_that_cant_be_had_is_told_apart()
    {
        await using var loop = new TestLoop();
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var taken = (IPEndPoint)other.LocalEndpoint;
        Assert.Equal(SocketError.AddressAlreadyInUse, Refusal(taken));
        Assert.Equal(SocketError.AddressNotAvailable, Refusal(new IPEndPoint(IPAddress.Parse("192.0.2.1"), 0)));

        SocketError Refusal(IPEndPoint endpoint) =>
            Assert.Throws<SocketException>(() => new Listener(loop, endpoint, (_, _) => { })).SocketErrorCode;
    }

    [Fact]
    public async Task Those_in_the_queue_are_taken_in_before_it_closes()
    {
        await using var loop = new TestLoop();
        int accepted = 0;
        Listener listener = await loop.ListenAsync(fd =>
        {
            accepted++;
            _ = new Echo(loop, fd);
        });
        var clients = new List<Socket>();
        await loop.RunAsync(() =>
        {
            // More than one turn would accept; the loop itself is busy here, so that they all wait.
            for (int i = 0; i < 150; i++)
            {
                clients.Add(Connect(listener.Endpoint));
            }

            Assert.Equal(0, accepted);
            listener.Close();
            Assert.Equal(150, accepted);
        });
        using var late = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        Assert.Equal(SocketError.ConnectionRefused, Assert.Throws<SocketException>(() => late.Connect(listener.Endpoint)).SocketErrorCode);
        foreach (Socket socket in clients)
        {
            using var client = new Wire(socket, TestContext.Current.CancellationToken);
            await client.SendAsync("still here");
            byte[] echo = await client.ReadExactlyAsync(10);
            Assert.Equal("still here"u8, echo);
        }
    }

    [Fact]
    public async Task Connections_in_the_queue_are_left_to_the_process_that_has_the_same_socket()
    {
        await using TestLoop one = new(), two = new();
        int accepted = 0;
        Listener first = await one.ListenAsync(_ => Assert.Fail("it has let go"));
        var clients = new List<Socket>();
        int descriptor = await one.RunAsync(() =>
        {
            // The loop is busy here, so that they all wait.
            int copy = PassOn(first.Fd);
            for (int i = 0; i < 150; i++)
            {
                clients.Add(Connect(first.Endpoint));
            }

            first.LetGo();
            return copy;
        });

        // No process accepts now, and no client is refused, because the socket is open.
        clients.Add(Connect(first.Endpoint));
        await two.RunAsync(() =>
        {
            var second = new Listener(two, descriptor, (fd, from) =>
            {
                accepted++;
                _ = new Echo(two, fd);
            });
            Assert.Equal(first.Endpoint, second.Endpoint);
            second.Open();
        });
        foreach (Socket socket in clients)
        {
            using var client = new Wire(socket, TestContext.Current.CancellationToken);
            await client.SendAsync("still here");
            byte[] echo = await client.ReadExactlyAsync(10);
            Assert.Equal("still here"u8, echo);
        }

        Assert.Equal(151, accepted);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void One_that_is_closed_wakes_its_loop_no_more_though_another_process_has_the_socket(bool letGo)
    {
        using var loop = new TurnedLoop();
        var listener = new Listener(loop, new IPEndPoint(IPAddress.Loopback, 0), (fd, _) => Assert.Equal(0, Libc.close(fd)));
        listener.Open();
        int copy = PassOn(listener.Fd);
        if (letGo)
        {
            listener.LetGo();
        }
        else
        {
            listener.Close();
        }

        bool isDue = false;
        var timer = new Signal { Due = () => isDue = true };
        loop.Register(timer, Libc.EPOLLIN);
        using (Connect(listener.Endpoint))
        {
            // Nothing but the timer wakes it: the connection that waits would do so without end.
            loop.Timers.Arm(timer, loop.Now + 50);
            int turns = 0;
            for (; !isDue; turns++)
            {
                loop.Turn();
            }

            Assert.InRange(turns, 1, 3);
        }

        loop.Close(timer);
        Assert.Equal(0, Libc.close(copy));
    }

    /// <summary>As another process would get it.</summary>
    private static int PassOn(int descriptor)
    {
        string name = $"edge-test/{Guid.NewGuid()}";
        using Socket listener = DescriptorChannel.Listen(name);
        using DescriptorChannel from = DescriptorChannel.ConnectAsync(name, default).GetAwaiter().GetResult()!;
        using var to = new DescriptorChannel(listener.Accept());
        from.Send("take this", [descriptor]);
        DescriptorRecord record = to.ReceiveAsync(default).GetAwaiter().GetResult()!;
        return Assert.Single(record.Descriptors);
    }

    private sealed class TurnedLoop() : EventLoop("turned by hand");

    [Fact]
    public async Task One_that_never_opened_can_be_closed()
    {
        await using var loop = new TestLoop();
        IPEndPoint endpoint = await loop.RunAsync(() =>
        {
            var listener = new Listener(loop, new IPEndPoint(IPAddress.Loopback, 0), (_, _) => { });
            listener.Close();
            return listener.Endpoint;
        });
        Listener.CheckFree(endpoint);
    }

    [Theory]
    [InlineData("127.0.0.1", "127.0.0.1")]
    [InlineData("::", "127.0.0.1")]
    [InlineData("::", "::1")]
    [InlineData("::1", "::1")]
    public async Task The_peers_address_is_told_however_it_came(string listen, string connect)
    {
        Assert.SkipUnless(Socket.OSSupportsIPv6 || !listen.Contains(':'), "no IPv6 here");
        await using var loop = new TestLoop();
        var peer = new TaskCompletionSource<IPAddress>(TaskCreationOptions.RunContinuationsAsynchronously);
        IPEndPoint endpoint = await loop.RunAsync(() =>
        {
            var listener = new Listener(loop, new IPEndPoint(IPAddress.Parse(listen), 0), (fd, address) =>
            {
                _ = new Echo(loop, fd);
                peer.SetResult(address.ToIPAddress());
            });
            listener.Open();
            return listener.Endpoint;
        });
        using Socket client = Connect(new IPEndPoint(IPAddress.Parse(connect), endpoint.Port));
        Assert.Equal(IPAddress.Parse(connect), await peer.Task.WaitAsync(TimeSpan.FromSeconds(20)));
    }
}
