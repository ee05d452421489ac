using System.Net;
using System.Net.Sockets;
using Edge.Io;
using Edge.Tests.Backends;
using SocketAddress = Edge.Io.SocketAddress;

namespace Edge.Tests.Io;

public class ConnectionTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    /// <summary>A connection that only notes what the kernel says; the test does the rest on the loop's thread.</summary>
    private sealed class Passive : Connection
    {
        private readonly TaskCompletionSource _finished = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource<int> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal Passive(EventLoop loop, int fd) : base(loop) => Attach(fd);

        /// <summary>The peer has ended or broken it.</summary>
        internal Task Finished => _finished.Task.WaitAsync(s_patience);

        /// <summary>The first event's SO_ERROR.</summary>
        internal Task<int> Outcome => _outcome.Task.WaitAsync(s_patience);

        internal static int Dial(IPEndPoint to)
        {
            Span<byte> address = stackalloc byte[SocketAddress.BytesAtMost];
            int length = SocketAddress.Write(to, address);
            return SocketOptions.Dial(address[..length]);
        }

        internal override void OnReady(uint events)
        {
            Note(events);
            if (!_outcome.Task.IsCompleted)
            {
                _outcome.SetResult(TakeError());
            }

            if (PeerFinished || HungUp)
            {
                _finished.TrySetResult();
            }
        }

        internal bool SendAll(byte[] bytes) => Send(bytes);

        internal int ReceiveInto(byte[] bytes) => Receive(bytes);
    }

    private static async Task<(Passive Server, Wire Client)> PairAsync(TestLoop loop)
    {
        var accepted = new TaskCompletionSource<Passive>(TaskCreationOptions.RunContinuationsAsynchronously);
        Listener listener = await loop.ListenAsync(fd => accepted.SetResult(new Passive(loop, fd)));
        Wire client = await Wire.ConnectAsync(listener.Endpoint);
        Passive server = await accepted.Task.WaitAsync(s_patience);
        await server.Outcome;
        return (server, client);
    }

    private static byte[] Noise(int length)
    {
        byte[] bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1021)]
    [InlineData(3000)]
    [InlineData(300_000)]
    public async Task A_slow_reader_gets_everything_back_in_order(int length)
    {
        await using var loop = new TestLoop();
        Listener listener = await loop.ListenAsync(fd => _ = new Echo(loop, fd));
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096, SendBufferSize = 8192 };
        await socket.ConnectAsync(listener.Endpoint);
        using var client = new Wire(socket, TestContext.Current.CancellationToken, TimeSpan.FromSeconds(60));
        byte[] sent = Noise(length);
        long progress = 0;
        Task sending = Task.Run(async () =>
        {
            for (int at = 0; at < length; at += 5000)
            {
                await client.SendAsync(sent.AsMemory(at, Math.Min(5000, length - at)));
                Interlocked.Add(ref progress, 5000);
            }

            client.Finish();
        });
        if (length > 100_000)
        {
            // The client does not read. The echo has to stop reading, too; otherwise it would have to keep what it cannot send.
            await Quiet.WhileAsync(() => Interlocked.Read(ref progress), TimeSpan.FromMilliseconds(200));
            Assert.False(sending.IsCompleted);
        }

        var got = new MemoryStream();
        byte[] piece = new byte[1777];
        for (int read; (read = await client.ReadSomeAsync(piece)) > 0;)
        {
            got.Write(piece, 0, read);
        }

        await sending;
        Assert.Equal(sent, got.ToArray());
    }

    [Fact]
    public async Task Many_echoes_do_not_mix()
    {
        await using var loop = new TestLoop();
        Listener listener = await loop.ListenAsync(fd => _ = new Echo(loop, fd));
        await Task.WhenAll(Enumerable.Range(1, 20).Select(async i =>
        {
            using Wire client = await Wire.ConnectAsync(listener.Endpoint);
            for (int round = 0; round < 10; round++)
            {
                byte[] sent = Noise(1000 * i + round);
                Task sending = client.SendAsync(sent);
                Assert.Equal(sent, await client.ReadExactlyAsync(sent.Length));
                await sending;
            }
        }));
    }

    [Fact]
    public async Task What_the_kernel_does_not_take_is_kept_and_goes_out_in_order()
    {
        await using var loop = new TestLoop();
        (Passive server, Wire client) = await PairAsync(loop);
        using (client)
        {
            byte[][] pieces = [Noise(2_000_000), Noise(1), Noise(5000), Noise(700_000)];
            await loop.RunAsync(() =>
            {
                Assert.All(pieces, p => Assert.True(server.SendAll(p)));
                Assert.False(server.Writable);
                Assert.InRange(server.UnsentBytes, 1, pieces.Sum(p => p.Length));
                Assert.Equal(1, loop.Buffers.Outstanding);
            });

            // Reading makes room; the loop goes on whenever the kernel says so.
            byte[] all = [.. pieces.SelectMany(p => p)];
            Task<byte[]> reading = client.ReadExactlyAsync(all.Length);
            while (!reading.IsCompleted && await loop.RunAsync(() => server.Flush() && server.UnsentBytes > 0))
            {
                await Task.Yield();
            }

            Assert.Equal(all, await reading);
            Assert.Equal((0, 0), await loop.RunAsync(() => (server.UnsentBytes, loop.Buffers.Outstanding)));
        }
    }

    [Fact]
    public async Task Closing_gives_back_what_was_kept()
    {
        await using var loop = new TestLoop();
        (Passive server, Wire client) = await PairAsync(loop);
        using (client)
        {
            await loop.RunAsync(() =>
            {
                Assert.True(server.SendAll(Noise(3_000_000)));
                Assert.Equal(1, loop.Buffers.Outstanding);
                server.Close();
                Assert.Equal(0, loop.Buffers.Outstanding);
                server.Close();
            });
            Assert.Equal((0, 0), (server.UnsentBytes, loop.Buffers.Outstanding));
        }
    }

    [Fact]
    public async Task The_end_of_what_the_peer_sends_comes_after_its_last_byte()
    {
        await using var loop = new TestLoop();
        (Passive server, Wire client) = await PairAsync(loop);
        using (client)
        {
            await client.SendAsync("last words");
            client.Finish();
            await server.Finished;
            await loop.RunAsync(() =>
            {
                byte[] some = new byte[100];
                Assert.False(server.IsQuiet());
                Assert.True(server.PeerFinished);
                Assert.False(server.HungUp);

                // The end was announced together with the bytes: no further event will come for it.
                Assert.Equal(10, server.ReceiveInto(some));
                Assert.Equal("last words"u8, some.AsSpan(0, 10));
                Assert.True(server.Readable);
                Assert.Equal(0, server.ReceiveInto(some));
                Assert.True(server.SendAll("and an answer"u8.ToArray()));
                server.FinishSending();
            });
            Assert.Equal("and an answer", await client.ReadToEndAsync());
        }
    }

    [Fact]
    public async Task A_silent_connection_is_quiet()
    {
        await using var loop = new TestLoop();
        (Passive server, Wire client) = await PairAsync(loop);
        using (client)
        {
            await loop.RunAsync(() =>
            {
                Assert.True(server.IsQuiet());
                Assert.True(server.Writable);
                Assert.Equal(Connection.WouldBlock, server.ReceiveInto(new byte[10]));
            });
            await client.SendAsync("x");
            await Quiet.UntilAsync(() => loop.RunAsync(() => server.Readable).GetAwaiter().GetResult(), "the byte arrives");
            await loop.RunAsync(() =>
            {
                Assert.False(server.IsQuiet());
                Assert.Equal(1, server.ReceiveInto(new byte[10]));
                Assert.True(server.IsQuiet());
                Assert.False(server.Readable);
            });
        }
    }

    [Fact]
    public async Task A_reset_is_a_broken_connection()
    {
        await using var loop = new TestLoop();
        (Passive server, Wire client) = await PairAsync(loop);
        client.Reset();
        await server.Finished;
        await loop.RunAsync(() =>
        {
            Assert.True(server.HungUp);
            Assert.Equal(Connection.Broken, server.ReceiveInto(new byte[10]));
            Assert.False(server.SendAll([1]));
            server.Abort();
            server.Abort();
        });
        client.Dispose();
    }

    [Fact]
    public async Task Aborting_resets_the_peer()
    {
        await using var loop = new TestLoop();
        (Passive server, Wire client) = await PairAsync(loop);
        using (client)
        {
            await loop.RunAsync(server.Abort);
            SocketException reset = await Assert.ThrowsAsync<SocketException>(() => client.ReadToEndAsync());
            Assert.Equal(SocketError.ConnectionReset, reset.SocketErrorCode);
        }
    }

    [Fact]
    public async Task Connecting_ends_in_an_event_either_way()
    {
        const int Refused = 111;
        await using var loop = new TestLoop();
        Listener listener = await loop.ListenAsync(fd => _ = new Echo(loop, fd));
        Passive connected = await loop.RunAsync(() => new Passive(loop, Passive.Dial(listener.Endpoint)));
        Assert.Equal(0, await connected.Outcome);
        Assert.True(connected.Writable);
        IPEndPoint closed;
        using (var bound = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp))
        {
            // Bound and not listening: no other process can get the port, and connections to it are refused.
            bound.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            closed = (IPEndPoint)bound.LocalEndPoint!;
            Passive refused = await loop.RunAsync(() => new Passive(loop, Passive.Dial(closed)));
            Assert.Equal(Refused, await refused.Outcome);
            Assert.True(refused.HungUp);
        }
    }
}
