using System.Globalization;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Edge.Io;
using Edge.Tests.Backends;

namespace Edge.Tests.Io;

public class PipeTests
{
    /// <summary>One end of a tunnel: tells the tunnel whenever the kernel has news.</summary>
    private sealed class End : Connection
    {
        internal End(EventLoop loop, int fd) : base(loop) => Attach(fd);

        internal Action News { get; set; } = () => { };

        internal override void OnReady(uint events)
        {
            Note(events);
            News();
        }
    }

    /// <summary>Moves what one client sends to another, inside the kernel.</summary>
    private sealed class Tunnel
    {
        private readonly Pipe _pipe;
        private readonly PipePool _pool;
        private readonly End _source;
        private readonly End _sink;
        private bool _over;

        internal Tunnel(PipePool pool, End source, End sink)
        {
            _pool = pool;
            _pipe = pool.TryRent(0)!;
            (_source, _sink) = (source, sink);
            source.News = sink.News = Pump;
            Pump();
        }

        internal long Moved { get; private set; }

        internal bool SinkBroken { get; private set; }

        private void Pump()
        {
            while (!_over)
            {
                if (!_pipe.Drain(_sink))
                {
                    SinkBroken = true;
                    End();
                    return;
                }

                if (_pipe.Held > 0)
                {
                    return;
                }

                int got = _pipe.Fill(_source, 100_000);
                if (got == Connection.WouldBlock)
                {
                    return;
                }

                if (got <= 0)
                {
                    End();
                    return;
                }

                Moved += got;
            }
        }

        private void End()
        {
            _over = true;
            _source.Close();
            _sink.Close();
            _pool.Return(_pipe);
        }
    }

    private static async Task<(Wire From, Wire To, Tunnel Tunnel)> TunnelAsync(TestLoop loop, PipePool pool)
    {
        var ends = new List<End>();
        var both = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Listener listener = await loop.ListenAsync(fd =>
        {
            ends.Add(new End(loop, fd));
            if (ends.Count == 2)
            {
                both.SetResult();
            }
        });
        Wire from = await Wire.ConnectAsync(listener.Endpoint);
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096 };
        await socket.ConnectAsync(listener.Endpoint);
        var to = new Wire(socket, TestContext.Current.CancellationToken, TimeSpan.FromSeconds(60));
        await both.Task.WaitAsync(TimeSpan.FromSeconds(20));

        return await loop.RunAsync(() => (from, to, new Tunnel(pool, ends[0], ends[1])));
    }

    private static byte[] Noise(int length)
    {
        byte[] bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5000)]
    [InlineData(400_000)]
    public async Task Bytes_come_out_as_they_went_in(int length)
    {
        await using var loop = new TestLoop();
        var pool = new PipePool();
        (Wire from, Wire to, Tunnel tunnel) = await TunnelAsync(loop, pool);
        using (from)
        using (to)
        {
            byte[] sent = Noise(length);
            Task sending = Task.Run(async () =>
            {
                await from.SendAsync(sent);
                from.Finish();
            });
            Assert.Equal(sent, await to.ReadExactlyAsync(length));
            Assert.Equal("", await to.ReadToEndAsync());
            await sending;
        }

        Assert.Equal(length, await loop.RunAsync(() => tunnel.Moved));
        await loop.RunAsync(pool.Clear);
    }

    [Fact]
    public async Task A_broken_sink_is_told_and_its_pipe_is_not_used_for_another_body()
    {
        await using var loop = new TestLoop();
        var pool = new PipePool();
        (Wire from, Wire to, Tunnel tunnel) = await TunnelAsync(loop, pool);
        using (from)
        {
            long sent = 0;
            byte[] piece = Noise(20_000);
            Task sending = Task.Run(async () =>
            {
                while (true)
                {
                    await from.SendAsync(piece);
                    Interlocked.Add(ref sent, piece.Length);
                }
            });

            // Nobody reads, so the pipe is full when the sink breaks.
            await Quiet.WhileAsync(() => Interlocked.Read(ref sent), TimeSpan.FromMilliseconds(200));
            to.Reset();
            await Assert.ThrowsAsync<SocketException>(() => sending);
            Assert.True(await loop.RunAsync(() => tunnel.SinkBroken));
        }

        to.Dispose();
        await loop.RunAsync(() =>
        {
            Pipe next = pool.TryRent(0)!;
            Assert.Equal(0, next.Held);
            pool.Return(next);
            pool.Clear();
        });
    }

    [Fact]
    public void The_last_pipe_returned_is_the_first_to_go_out_again()
    {
        var pool = new PipePool();
        Pipe[] pipes = [.. Enumerable.Range(0, 3).Select(_ => pool.TryRent(0)!)];
        Assert.Equal(3, pipes.Distinct().Count());
        Assert.All(pipes, p => Assert.True(p.Capacity >= 4096 && p.Held == 0));
        Array.ForEach(pipes, pool.Return);
        Assert.Same(pipes[2], pool.TryRent(0));
        Assert.Same(pipes[1], pool.TryRent(0));
        Assert.Same(pipes[0], pool.TryRent(0));
        Assert.All(pipes, p => Assert.Null(p.Next));
        Array.ForEach(pipes, pool.Return);
        pool.Clear();
        Pipe fresh = pool.TryRent(0)!;
        Assert.DoesNotContain(fresh, pipes);
        fresh.Close();
    }

    /// <summary>
    /// What the pipes of all processes of a user hold is bounded, and on a host with Docker others may have used it up: with the two
    /// pages that the kernel then gives to a new pipe, a body of a megabyte took two hundred calls.
    /// </summary>
    [Fact]
    public async Task A_pipe_that_is_too_small_to_be_of_use_is_none()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Only root can become the user whose share is used up here.");
        await OwnThread.RunAsync(UseUpTheShareOfAnotherUser);
    }

    private static void UseUpTheShareOfAnotherUser()
    {
        // The call itself, not the library's function: the kernel keeps these for each thread, and this one ends with the test.
        Assert.Equal(0, syscall(RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 147 : 117, Stranger, Stranger, Stranger));
        int share = int.Parse(File.ReadAllText("/proc/sys/fs/pipe-user-pages-soft"), CultureInfo.InvariantCulture) * Environment.SystemPageSize;
        Assert.SkipWhen(share == 0, "The kernel does not bound what a user's pipes hold.");
        var pool = new PipePool();
        var pipes = new List<Pipe>();
        while (pool.TryRent(0) is { } pipe)
        {
            pipes.Add(pipe);
        }

        Assert.InRange(pipes.Sum(p => (long)p.Capacity), share / 2, share);
        Assert.All(pipes, p => Assert.True(p.Capacity >= Pipe.UsefulBytes));

        // Pipes are free again, but the kernel is not asked again at once.
        pipes.ForEach(p => p.Close());
        Assert.Null(pool.TryRent(999));
        Pipe again = pool.TryRent(1000)!;
        Assert.True(again.Capacity >= Pipe.UsefulBytes);
        again.Close();
    }

    private const int Stranger = 54321;

    [DllImport("libc")]
    private static extern nint syscall(nint number, nint real, nint effective, nint saved);
}
