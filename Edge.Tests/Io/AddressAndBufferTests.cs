using System.Net;
using System.Text;
using Edge.Io;
using SocketAddress = Edge.Io.SocketAddress;

namespace Edge.Tests.Io;

public class AddressAndBufferTests
{
    [Theory]
    [InlineData("127.0.0.1", "127.0.0.1", true)]
    [InlineData("127.255.0.9", "127.255.0.9", true)]
    [InlineData("0.0.0.0", "0.0.0.0", false)]
    [InlineData("255.200.10.1", "255.200.10.1", false)]
    [InlineData("::1", "::1", true)]
    [InlineData("::", "::", false)]
    [InlineData("2001:db8::12:0:1", "2001:db8::12:0:1", false)]
    [InlineData("::ffff:10.0.0.1", "10.0.0.1", false)]
    [InlineData("::ffff:127.0.0.1", "127.0.0.1", true)]
    public void A_peers_address_has_its_usual_form(string address, string text, bool isLoopback)
    {
        byte[] raw = new byte[SocketAddress.BytesAtMost];
        var endpoint = new IPEndPoint(IPAddress.Parse(address), 65535);
        int length = SocketAddress.Write(endpoint, raw);
        Assert.Equal(endpoint, SocketAddress.Read(raw.AsSpan(0, length)));
        PeerAddress peer = PeerAddress.FromSocketAddress(raw.AsSpan(0, length));
        byte[] to = new byte[PeerAddress.TextBytesAtMost];
        Assert.Equal(text, Encoding.ASCII.GetString(to, 0, peer.Format(to)));
        Assert.Equal(isLoopback, peer.IsLoopback);
        Assert.Equal(IPAddress.Parse(text), peer.ToIPAddress());
    }

    [Theory]
    [InlineData("10.1.2.3", "10.0.0.0", 96 + 8, true)]
    [InlineData("11.1.2.3", "10.0.0.0", 96 + 8, false)]
    [InlineData("10.1.2.3", "10.1.2.3", 128, true)]
    [InlineData("10.1.2.4", "10.1.2.3", 128, false)]
    [InlineData("fd00::1", "fd00::", 8, true)]
    [InlineData("10.1.2.3", "fd00::", 8, false)]
    [InlineData("10.1.2.3", "::", 0, true)]
    public void An_address_is_in_a_network_or_not(string address, string network, int prefixBits, bool isIn) =>
        Assert.Equal(isIn, PeerAddress.From(IPAddress.Parse(address)).IsIn(PeerAddress.From(IPAddress.Parse(network)), prefixBits));

    [Fact]
    public void Buffers_are_large_enough_and_the_last_returned_is_the_next()
    {
        using var pool = new BufferPool();
        foreach (int bytes in new[] { 0, 1, 2048, 2049, 65_536, 65_537, BufferPool.LargestBytes })
        {
            NativeBuffer buffer = pool.Rent(bytes);
            Assert.True(buffer.Capacity >= bytes);
            buffer.Span.Fill(0xAA);
            pool.Return(ref buffer);
            Assert.True(buffer.IsEmpty);
        }

        NativeBuffer first = pool.Rent(3000), second = pool.Rent(3000);
        Assert.Equal(2, pool.Outstanding);
        nint last = Address(second);
        pool.Return(ref first);
        pool.Return(ref second);
        pool.Return(ref second);
        Assert.Equal(0, pool.Outstanding);
        NativeBuffer again = pool.Rent(4000);
        Assert.Equal(last, Address(again));
        pool.Return(ref again);
        Assert.Throws<ArgumentOutOfRangeException>(() => pool.Rent(BufferPool.LargestBytes + 1));
    }

    private static unsafe nint Address(NativeBuffer buffer) => (nint)buffer.Pointer;
}
