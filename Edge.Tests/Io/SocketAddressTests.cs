using System.Net;
using System.Text;
using Edge.Io;
using SocketAddress = Edge.Io.SocketAddress;

namespace Edge.Tests.Io;

public class SocketAddressTests
{
    private static PeerAddress Peer(string address) => PeerAddress.From(IPAddress.Parse(address));

    private static string Text(PeerAddress address)
    {
        byte[] text = new byte[PeerAddress.TextBytesAtMost];
        return Encoding.ASCII.GetString(text, 0, address.Format(text));
    }

    [Theory]
    [InlineData("127.0.0.1", 80, 16)]
    [InlineData("0.0.0.0", 0, 16)]
    [InlineData("255.254.253.252", 65535, 16)]
    [InlineData("::1", 8080, 28)]
    [InlineData("2001:db8::5:0:1", 443, 28)]
    [InlineData("fe80::1%3", 443, 28)]
    [InlineData("::ffff:10.1.2.3", 1, 28)]
    public void An_endpoint_survives_the_kernels_form(string address, int port, int length)
    {
        var endpoint = new IPEndPoint(IPAddress.Parse(address), port);
        byte[] bytes = new byte[SocketAddress.BytesAtMost];
        Array.Fill(bytes, (byte)0xEE);
        Assert.Equal(length, SocketAddress.Write(endpoint, bytes));
        Assert.Equal(endpoint, SocketAddress.Read(bytes.AsSpan(0, length)));

        // The framework writes the same form.
        System.Net.SocketAddress reference = endpoint.Serialize();
        Assert.Equal(reference.Buffer.Span[..length], bytes.AsSpan(0, length));
    }

    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("1.2.3.4")]
    [InlineData("9.10.99.100")]
    [InlineData("255.255.255.255")]
    [InlineData("101.200.109.190")]
    [InlineData("::")]
    [InlineData("::1")]
    [InlineData("2001:db8::1")]
    [InlineData("2001:db8:0:1:0:1:0:1")]
    [InlineData("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")]
    public void An_address_is_written_as_usual_and_read_back(string text)
    {
        PeerAddress peer = Peer(text);
        Assert.Equal(text, Text(peer));
        Assert.Equal(IPAddress.Parse(text), peer.ToIPAddress());
    }

    [Fact]
    public void Any_address_is_written_as_the_framework_does()
    {
        var random = new Random(5);
        for (int i = 0; i < 2000; i++)
        {
            byte[] bytes = new byte[random.Next(2) == 0 ? 4 : 16];
            random.NextBytes(bytes);
            for (int at = 0; at < bytes.Length; at += 2)
            {
                // Runs of zero groups are where the short forms differ.
                if (random.Next(2) == 0)
                {
                    bytes[at] = 0;
                    bytes[at + 1] = (byte)(random.Next(2) == 0 ? 0 : bytes[at + 1]);
                }
            }

            var address = new IPAddress(bytes);
            IPAddress expected = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
            Assert.Equal(expected.ToString(), Text(PeerAddress.From(address)));
            Assert.Equal(expected, PeerAddress.From(address).ToIPAddress());

            byte[] kernel = new byte[SocketAddress.BytesAtMost];
            SocketAddress.Write(new IPEndPoint(address, 5), kernel);
            Assert.Equal(expected, PeerAddress.FromSocketAddress(kernel).ToIPAddress());
        }
    }

    [Fact]
    public void A_mapped_address_is_the_ipv4_one()
    {
        PeerAddress mapped = Peer("::ffff:192.0.2.7");
        Assert.True(mapped.IsIPv4);
        Assert.Equal("192.0.2.7", Text(mapped));
        Assert.Equal(Peer("192.0.2.7"), mapped);
        Assert.False(Peer("::192.0.2.7").IsIPv4);
        Assert.False(Peer("1::ffff:192.0.2.7").IsIPv4);
    }

    [Theory]
    [InlineData("127.0.0.1", true)]
    [InlineData("127.255.1.2", true)]
    [InlineData("::ffff:127.0.0.1", true)]
    [InlineData("::1", true)]
    [InlineData("128.0.0.1", false)]
    [InlineData("126.255.255.255", false)]
    [InlineData("0.0.0.127", false)]
    [InlineData("::", false)]
    [InlineData("::2", false)]
    [InlineData("::127.0.0.1", false)]
    [InlineData("1::1", false)]
    public void Loopback_is_recognised(string address, bool loopback) => Assert.Equal(loopback, Peer(address).IsLoopback);

    [Theory]
    [InlineData("10.1.2.3", "10.0.0.0", 96 + 8, true)]
    [InlineData("11.1.2.3", "10.0.0.0", 96 + 8, false)]
    [InlineData("10.1.2.3", "10.1.2.2", 96 + 31, true)]
    [InlineData("10.1.2.3", "10.1.2.2", 128, false)]
    [InlineData("10.1.2.3", "10.1.2.3", 128, true)]
    [InlineData("::ffff:10.1.2.3", "10.0.0.0", 96 + 8, true)]
    [InlineData("10.1.2.3", "0.0.0.0", 96, true)]
    [InlineData("::1", "0.0.0.0", 96, false)]
    [InlineData("2001:db8::1", "2001:db8::", 32, true)]
    [InlineData("2001:db9::1", "2001:db8::", 32, false)]
    [InlineData("2001:db8::1", "10.0.0.0", 96 + 8, false)]
    [InlineData("2001:db8::1", "::", 0, true)]
    [InlineData("10.1.2.3", "ffff::", 0, true)]
    public void A_network_has_the_addresses_of_its_prefix(string address, string network, int bits, bool isIn) =>
        Assert.Equal(isIn, Peer(address).IsIn(Peer(network), bits));
}
