using System.Net;
using System.Net.Sockets;
using Edge.Io;
using SocketAddress = Edge.Io.SocketAddress;

namespace Edge.Tests.Io;

public unsafe class SocketRingTests
{
    // Where the kernel has none, or forbids it, there is nothing to test; that the balancer does without is tested elsewhere.
    private static SocketRing? Create()
    {
        SocketRing? ring = SocketRing.TryCreate(out int errno);
        Assert.Equal(ring is null, errno != 0);
        return ring;
    }

    [Fact]
    public void Results_come_in_the_order_of_what_was_added_however_often_it_goes_round()
    {
        using SocketRing? ring = Create();
        using var pair = new SocketPair();
        byte* text = stackalloc byte[SocketRing.Capacity];
        byte[] got = new byte[SocketRing.Capacity];
        for (int round = 1; ring is not null && round <= 5; round++)
        {
            int count = SocketRing.Capacity - round * 7;
            int expected = 0;
            for (int i = 0; i < count; i++)
            {
                bool isBad = i % 5 == round % 5;
                ring.AddSend(isBad ? -1 : pair.Descriptor, text, 1 + i % 3);
                expected += isBad ? 0 : 1 + i % 3;
            }

            Assert.Equal(count, ring.Count);
            int[] results = ring.Submit().ToArray();
            Assert.Equal(Enumerable.Range(0, count).Select(i => i % 5 == round % 5 ? -9 : 1 + i % 3), results);
            Assert.Equal(0, ring.Count);
            while (expected > 0)
            {
                expected -= pair.Other.Receive(got);
            }
        }
    }

    [Fact]
    public void A_socket_without_room_is_not_waited_for()
    {
        using SocketRing? ring = Create();
        using var pair = new SocketPair();
        byte[] much = new byte[8 * 1024 * 1024];
        fixed (byte* from = much)
        {
            ring?.AddSend(pair.Descriptor, from, much.Length);
            ring?.AddSend(pair.Descriptor, from, 1);
            int[] results = ring is null ? [1, -Libc.EAGAIN] : ring.Submit().ToArray();
            Assert.InRange(results[0], 1, much.Length - 1);
            Assert.Equal(-Libc.EAGAIN, results[1]);
        }
    }

    [Fact]
    public void A_close_comes_behind_the_sends()
    {
        using SocketRing? ring = Create();
        using var pair = new SocketPair();
        byte* text = stackalloc byte[4];
        if (ring is not null)
        {
            ring.AddSend(pair.Descriptor, text, 4);
            ring.AddClose(pair.Descriptor);
            Assert.Equal([4, 0], ring.Submit().ToArray());
            pair.Forget();
            byte[] got = new byte[10];
            Assert.Equal(4, pair.Other.Receive(got));
            Assert.Equal(0, pair.Other.Receive(got));
        }
    }

    [Fact]
    public void A_ring_gives_back_its_descriptor()
    {
        // Loops of other tests that run at the same time have rings, too, but not a hundred.
        int before = Rings();
        for (int i = 0; i < 200; i++)
        {
            Create()?.Dispose();
        }

        Assert.InRange(Rings(), 0, before + 100);
    }

    private static int Rings() =>
        Directory.GetFiles("/proc/self/fd").Count(fd => new FileInfo(fd).LinkTarget?.Contains("io_uring", StringComparison.Ordinal) == true);

    /// <summary>A connection, one end of it as a bare descriptor: nobody but the test closes it.</summary>
    private sealed class SocketPair : IDisposable
    {
        internal SocketPair()
        {
            using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            listener.Listen(1);
            byte* address = stackalloc byte[SocketAddress.BytesAtMost];
            int length = SocketAddress.Write((IPEndPoint)listener.LocalEndPoint!, new Span<byte>(address, SocketAddress.BytesAtMost));
            Descriptor = Libc.socket(Libc.AF_INET, Libc.SOCK_STREAM | Libc.SOCK_CLOEXEC, 0);
            Assert.Equal(0, Libc.connect(Descriptor, address, (uint)length));
            Other = listener.Accept();
        }

        internal int Descriptor { get; private set; }

        internal Socket Other { get; }

        /// <summary>The descriptor has been closed already.</summary>
        internal void Forget() => Descriptor = -1;

        public void Dispose()
        {
            Other.Dispose();
            _ = Libc.close(Descriptor);
        }
    }
}
