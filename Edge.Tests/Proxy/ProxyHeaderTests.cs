using System.Buffers.Binary;
using System.Text;
using Edge.Proxy;

namespace Edge.Tests.Proxy;

/// <summary>HAProxy's proxy-protocol.txt, sections 2.1 and 2.2.</summary>
public sealed class ProxyHeaderTests
{
    [Theory]
    [InlineData("PROXY TCP4 192.168.0.1 192.168.0.11 56324 443\r\n", "192.168.0.1")]
    [InlineData("PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n", "255.255.255.255")]
    [InlineData("PROXY TCP4 0.0.0.0 0.0.0.0 0 0\r\n", "0.0.0.0")]
    [InlineData("PROXY TCP6 2001:db8::1 ::1 1 2\r\n", "2001:db8::1")]
    [InlineData("PROXY TCP6 ffff:FFFF:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n",
        "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")]
    [InlineData("PROXY UNKNOWN\r\n", null)]
    [InlineData("PROXY UNKNOWN whatever stands here \t \"\r\n", null)]
    [InlineData("PROXY UNKNOWN ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n", null)]
    public void A_line_is_read_whatever_follows_it_and_however_it_is_split(string line, string? source) =>
        AssertRead(Encoding.ASCII.GetBytes(line), source);

    [Theory]
    [InlineData("PROXY\r\n")]
    [InlineData("proxy TCP4 1.2.3.4 1.2.3.4 1 2\r\n")]
    [InlineData("PROXY  TCP4 1.2.3.4 1.2.3.4 1 2\r\n")]
    [InlineData("PROXY\tTCP4 1.2.3.4 1.2.3.4 1 2\r\n")]
    [InlineData(" PROXY TCP4 1.2.3.4 1.2.3.4 1 2\r\n")]
    [InlineData("PROXY TCP5 1.2.3.4 1.2.3.4 1 2\r\n")]
    [InlineData("PROXY UDP4 1.2.3.4 1.2.3.4 1 2\r\n")]
    [InlineData("PROXY tcp4 1.2.3.4 1.2.3.4 1 2\r\n")]
    [InlineData("PROXY UNKNOWNS\r\n")]
    [InlineData("PROXY TCP4 1.2.3.4 1.2.3.4  1 2\r\n")]
    [InlineData("PROXY TCP4 1.2.3.4 1.2.3.4 1 2 \r\n")]
    [InlineData("PROXY TCP4 1.2.3.4 1.2.3.4 1 2 3\r\n")]
    [InlineData("PROXY TCP4 1.2.3.4 1.2.3.4 1\r\n")]
    [InlineData("PROXY TCP4 1.2.3.4 1.2.3.4\r\n")]
    [InlineData("PROXY TCP4 1.2.3.4\r\n")]
    [InlineData("PROXY TCP4\r\n")]
    [InlineData("PROXY TCP4 1.2.3.256 1.2.3.4 1 2\r\n")]
    [InlineData("PROXY TCP4 1.2.3.04 1.2.3.4 1 2\r\n")]
    [InlineData("PROXY TCP4 1.2.3 1.2.3.4 1 2\r\n")]
    [InlineData("PROXY TCP4 1.2.3.4.5 1.2.3.4 1 2\r\n")]
    [InlineData("PROXY TCP4 0x1.2.3.4 1.2.3.4 1 2\r\n")]
    [InlineData("PROXY TCP4 1.2.3.4 1.2.3.400 1 2\r\n")]
    [InlineData("PROXY TCP4 ::1 1.2.3.4 1 2\r\n")]
    [InlineData("PROXY TCP6 1.2.3.4 1.2.3.4 1 2\r\n")]
    [InlineData("PROXY TCP6 ::1.2.3.4 ::1 1 2\r\n")]
    [InlineData("PROXY TCP6 ::1%lo ::1 1 2\r\n")]
    [InlineData("PROXY TCP6 [::1] ::1 1 2\r\n")]
    [InlineData("PROXY TCP6 1::2::3 ::1 1 2\r\n")]
    [InlineData("PROXY TCP6 12345::1 ::1 1 2\r\n")]
    [InlineData("PROXY TCP6 1:2:3:4:5:6:7 ::1 1 2\r\n")]
    [InlineData("PROXY TCP4 1.2.3.4 1.2.3.4 01 2\r\n")]
    [InlineData("PROXY TCP4 1.2.3.4 1.2.3.4 1 65536\r\n")]
    [InlineData("PROXY TCP4 1.2.3.4 1.2.3.4 +1 2\r\n")]
    [InlineData("PROXY TCP4 1.2.3.4 1.2.3.4 -1 2\r\n")]
    [InlineData("PROXY TCP4 1.2.3.4 1.2.3.4 1 2\n")]
    [InlineData("PROXY TCP4 1.2.3.4 1.2.3.4 1 2\rx")]
    [InlineData("PROXY UNKNOWN\n")]
    [InlineData("PROXY UNKNOWN \0\n")]
    [InlineData("GET / HTTP/1.1\r\n")]
    [InlineData("PRI * HTTP/2.0\r\n\r\n")]
    public void Every_other_line_is_refused(string line) => Assert.Equal(ProxyHeaderResult.Bad, Parse(Encoding.ASCII.GetBytes(line)));

    [Fact]
    public void A_line_ends_within_107_bytes()
    {
        string line = "PROXY UNKNOWN ".PadRight(105, 'x');
        Assert.Equal(ProxyHeaderResult.Partial, Parse(Encoding.ASCII.GetBytes(line + "\r")));
        Assert.Equal(ProxyHeaderResult.Complete, Parse(Encoding.ASCII.GetBytes(line + "\r\n")));
        Assert.Equal(ProxyHeaderResult.Bad, Parse(Encoding.ASCII.GetBytes(line + "x\r\n")));
        Assert.Equal(ProxyHeaderResult.Bad, Parse(Encoding.ASCII.GetBytes(line + "xx")));
    }

    [Theory]
    [InlineData(0x21, 0x11, 12, "1.2.3.4")]
    [InlineData(0x21, 0x21, 36, "102:304:506:708:90a:b0c:d0e:f10")]
    [InlineData(0x21, 0x12, 12, null)]
    [InlineData(0x21, 0x22, 36, null)]
    [InlineData(0x21, 0x31, 216, null)]
    [InlineData(0x21, 0x32, 216, null)]
    [InlineData(0x21, 0x00, 0, null)]
    [InlineData(0x21, 0x00, 500, null)]
    [InlineData(0x21, 0x10, 12, null)]
    [InlineData(0x21, 0x01, 12, null)]
    [InlineData(0x20, 0x00, 0, null)]
    [InlineData(0x20, 0x11, 12, null)]
    [InlineData(0x20, 0x11, 3, null)]
    [InlineData(0x20, 0xFF, 5, null)]
    [InlineData(0x20, 0x00, 4080, null)]
    public void A_binary_header_is_read_whatever_follows_it_and_however_it_is_split(int command, int family, int length, string? source) =>
        AssertRead(Binary(command, family, Addresses(length)), source);

    [Theory]
    [InlineData(0x11, 0x11, 12)]
    [InlineData(0x31, 0x11, 12)]
    [InlineData(0x22, 0x11, 12)]
    [InlineData(0x2F, 0x11, 12)]
    [InlineData(0x21, 0x41, 12)]
    [InlineData(0x21, 0x13, 12)]
    [InlineData(0x21, 0xFF, 12)]
    [InlineData(0x21, 0x11, 11)]
    [InlineData(0x21, 0x11, 0)]
    [InlineData(0x21, 0x21, 35)]
    [InlineData(0x21, 0x12, 11)]
    [InlineData(0x21, 0x31, 215)]
    [InlineData(0x20, 0x00, 4081)]
    [InlineData(0x21, 0x11, 65535)]
    public void Every_other_binary_header_is_refused(int command, int family, int length) =>
        Assert.Equal(ProxyHeaderResult.Bad, Parse(Binary(command, family, Addresses(length))));

    [Fact]
    public void A_signature_with_another_byte_is_refused_as_soon_as_it_shows()
    {
        byte[] header = Binary(0x21, 0x11, Addresses(12));
        for (int i = 0; i < 12; i++)
        {
            byte[] other = [.. header];
            other[i] ^= 1;
            Assert.Equal(ProxyHeaderResult.Bad, Parse(other.AsSpan(0, i + 1)));
        }
    }

    [Fact]
    public void Additional_fields_of_a_PROXY_header_are_skipped()
    {
        byte[] added = [.. Extension(0x01, "h2"u8), .. Extension(0x04, []), .. Extension(0xE0, new byte[1000])];
        AssertRead(Binary(0x21, 0x11, [.. Addresses(12), .. added]), "1.2.3.4");
        AssertRead(Binary(0x21, 0x31, [.. Addresses(216), .. added]), null);
    }

    [Theory]
    [InlineData("01")]
    [InlineData("0100")]
    [InlineData("010001")]
    [InlineData("0100026162 0100")]
    [InlineData("01FFFF61")]
    public void Additional_fields_that_are_cut_off_are_refused(string hex) =>
        Assert.Equal(ProxyHeaderResult.Bad, Parse(Binary(0x21, 0x11, [.. Addresses(12), .. Convert.FromHexString(hex.Replace(" ", ""))])));

    [Fact]
    public void A_checksum_has_to_be_right_where_there_is_one()
    {
        byte[] header = Binary(0x21, 0x11, [.. Addresses(12), .. Extension(0x01, "h2"u8), .. Extension(0x03, new byte[4]), .. Extension(0x04, [7])]);
        int at = header.Length - 8;
        BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(at), Crc32c(header));
        AssertRead(header, "1.2.3.4");
        foreach (int i in new[] { 12 + 4, at, at + 3, header.Length - 1 })
        {
            byte[] other = [.. header];
            other[i] ^= 1;
            Assert.Equal(ProxyHeaderResult.Bad, Parse(other));
        }

        Assert.Equal(ProxyHeaderResult.Bad, Parse(Binary(0x21, 0x11, [.. Addresses(12), .. Extension(0x03, new byte[3])])));
    }

    [Fact]
    public void The_checksum_is_that_of_the_standard() =>
        // RFC 3720, B.4: 32 bytes of zeros.
        Assert.Equal(0x8A9136AAu, Crc32c(new byte[32]));

    [Fact]
    public void Nothing_that_is_made_up_is_read_differently_when_it_is_split()
    {
        var random = new Random(20260801);
        byte[][] seeds =
        [
            "PROXY TCP4 192.168.0.1 192.168.0.11 56324 443\r\n"u8.ToArray(), "PROXY TCP6 ::1 ::1 1 2\r\n"u8.ToArray(), "PROXY UNKNOWN\r\n"u8.ToArray(),
            Binary(0x21, 0x11, [.. Addresses(12), .. Extension(1, "h2"u8)]), Binary(0x20, 0, []), Binary(0x21, 0x21, Addresses(36)),
        ];
        for (int i = 0; i < 20_000; i++)
        {
            byte[] data = [.. seeds[random.Next(seeds.Length)], .. "GET"u8];
            for (int changes = random.Next(4); changes > 0; changes--)
            {
                data[random.Next(data.Length)] = (byte)random.Next(256);
            }

            ProxyHeaderResult whole = ProxyHeader.Parse(data, out ProxyHeader header);
            Assert.True(whole != ProxyHeaderResult.Complete || header.Length <= data.Length);
            for (int length = 0; length < data.Length; length++)
            {
                ProxyHeaderResult part = ProxyHeader.Parse(data.AsSpan(0, length), out ProxyHeader partHeader);
                bool agrees = part == ProxyHeaderResult.Partial || (part == whole && partHeader == header);
                Assert.True(agrees, $"{Convert.ToHexString(data)}: {part} at {length}, {whole} in all");
            }
        }
    }

    private static void AssertRead(byte[] bytes, string? source)
    {
        for (int length = 0; length < bytes.Length; length++)
        {
            Assert.Equal(ProxyHeaderResult.Partial, Parse(bytes.AsSpan(0, length)));
        }

        foreach (byte[] behind in new byte[][] { [], "GET / HTTP/1.1\r\n"u8.ToArray(), bytes })
        {
            Assert.Equal(ProxyHeaderResult.Complete, ProxyHeader.Parse([.. bytes, .. behind], out ProxyHeader header));
            Assert.Equal((bytes.Length, source), (header.Length, header.HasSource ? header.Source.ToIPAddress().ToString() : null));
        }
    }

    private static ProxyHeaderResult Parse(ReadOnlySpan<byte> bytes) => ProxyHeader.Parse(bytes, out _);

    private static byte[] Binary(int command, int family, byte[] rest) =>
        [.. "\r\n\r\n\0\r\nQUIT\n"u8, (byte)command, (byte)family, (byte)(rest.Length >> 8), (byte)rest.Length, .. rest];

    private static byte[] Addresses(int length) => [.. Enumerable.Range(1, length).Select(i => (byte)i)];

    private static byte[] Extension(byte type, ReadOnlySpan<byte> value) => [type, (byte)(value.Length >> 8), (byte)value.Length, .. value];

    // Bit by bit, as the polynomial says, and not as the header's reader does it.
    private static uint Crc32c(byte[] data)
    {
        uint crc = uint.MaxValue;
        foreach (byte b in data)
        {
            crc ^= b;
            for (int i = 0; i < 8; i++)
            {
                crc = (crc & 1) != 0 ? crc >> 1 ^ 0x82F63B78u : crc >> 1;
            }
        }

        return ~crc;
    }
}
