using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Numerics;
using Edge.Config;
using Edge.Io;

namespace Edge.Proxy;

/// <summary>
/// The header in which a proxy that does not know HTTP names the client: "The PROXY protocol", versions 1 and 2, of HAProxy's proxy-protocol.txt.
/// Pure: the same bytes give the same result, no matter how they were split.
/// </summary>
/// <param name="Length">Bytes of the header; the bytes behind it are the client's.</param>
/// <param name="HasSource">Whether it names the client. LOCAL, UNKNOWN and everything but TCP do not.</param>
/// <param name="Source">The client's address.</param>
internal readonly record struct ProxyHeader(int Length, bool HasSource, PeerAddress Source)
{
    // Section 2.1: the longest line, with its end.
    private const int LineBytesAtMost = 107;
    private const int FixedBytes = 16;

    // Version 2 and its commands: a connection of the proxy itself, for example a health check, and one that it passes on.
    private const byte Local = 0x20;
    private const byte Proxied = 0x21;
    private const int IPv4Bytes = 12;
    private const int IPv6Bytes = 36;
    private const int UnixBytes = 216;
    private const byte ChecksumType = 3;
    private const int ChecksumBytes = 4;

    private static readonly SearchValues<byte> s_ipv4 = SearchValues.Create("0123456789."u8);
    private static readonly SearchValues<byte> s_ipv6 = SearchValues.Create("0123456789abcdefABCDEF:"u8);

    private static ReadOnlySpan<byte> Signature => "\r\n\r\n\0\r\nQUIT\n"u8;

    private static ReadOnlySpan<byte> LineStart => "PROXY "u8;

    internal static ProxyHeaderResult Parse(ReadOnlySpan<byte> data, out ProxyHeader header)
    {
        header = default;
        return data.IsEmpty ? ProxyHeaderResult.Partial
            : data[0] == Signature[0] ? ParseBinary(data, ref header)
            : ParseLine(data, ref header);
    }

    // Version 2, section 2.2.
    private static ProxyHeaderResult ParseBinary(ReadOnlySpan<byte> data, ref ProxyHeader header)
    {
        int common = Math.Min(Signature.Length, data.Length);
        if (!data[..common].SequenceEqual(Signature[..common])
            || (data.Length > 12 && data[12] is not (Local or Proxied))
            || (data.Length > 13 && data[12] == Proxied && (data[13] >> 4 > 3 || (data[13] & 15) > 2)))
        {
            return ProxyHeaderResult.Bad;
        }

        if (data.Length < FixedBytes)
        {
            return ProxyHeaderResult.Partial;
        }

        bool isLocal = data[12] == Local;
        byte family = data[13];
        int length = FixedBytes + BinaryPrimitives.ReadUInt16BigEndian(data[14..]);
        int addresses = family switch
        {
            _ when isLocal => 0,
            0x11 or 0x12 => IPv4Bytes,
            0x21 or 0x22 => IPv6Bytes,
            0x31 or 0x32 => UnixBytes,
            _ => 0,
        };
        if (length > Limits.ProxyHeaderBytes || length < FixedBytes + addresses)
        {
            return ProxyHeaderResult.Bad;
        }

        if (data.Length < length)
        {
            return ProxyHeaderResult.Partial;
        }

        // The bytes behind the addresses are a list only if there are addresses: with LOCAL and UNSPEC they may be anything.
        if (addresses > 0 && !AreExtensionsSound(data[..length], FixedBytes + addresses))
        {
            return ProxyHeaderResult.Bad;
        }

        header = new ProxyHeader(length, family is 0x11 or 0x21 && !isLocal, addresses switch
        {
            IPv4Bytes => PeerAddress.FromIPv4(data.Slice(FixedBytes, 4)),
            IPv6Bytes => PeerAddress.FromIPv6(data.Slice(FixedBytes, 16)),
            _ => default,
        });
        return ProxyHeaderResult.Complete;
    }

    // Type, length and value, one after the other. They are skipped, except a checksum of the whole (section 2.2.3).
    private static bool AreExtensionsSound(ReadOnlySpan<byte> header, int at)
    {
        while (at < header.Length)
        {
            if (header.Length - at < 3)
            {
                return false;
            }

            int length = BinaryPrimitives.ReadUInt16BigEndian(header[(at + 1)..]);
            int value = at + 3;
            if (length > header.Length - value || (header[at] == ChecksumType && !IsChecksumRight(header, value, length)))
            {
                return false;
            }

            at = value + length;
        }

        return true;
    }

    // CRC-32C with zeros in place of the field itself (RFC 9260, Appendix A). The field is the number's four bytes in network order.
    private static bool IsChecksumRight(ReadOnlySpan<byte> header, int at, int length)
    {
        if (length != ChecksumBytes)
        {
            return false;
        }

        uint crc = uint.MaxValue;
        for (int i = 0; i < header.Length; i++)
        {
            crc = BitOperations.Crc32C(crc, i >= at && i < at + ChecksumBytes ? (byte)0 : header[i]);
        }

        return ~crc == BinaryPrimitives.ReadUInt32BigEndian(header[at..]);
    }

    // Version 1, section 2.1: one line.
    private static ProxyHeaderResult ParseLine(ReadOnlySpan<byte> data, ref ProxyHeader header)
    {
        int common = Math.Min(LineStart.Length, data.Length);
        if (!data[..common].SequenceEqual(LineStart[..common]))
        {
            return ProxyHeaderResult.Bad;
        }

        ReadOnlySpan<byte> line = data[..Math.Min(data.Length, LineBytesAtMost)];
        int end = line.IndexOfAny((byte)'\r', (byte)'\n');
        if (end < 0 || end + 1 == line.Length)
        {
            return line.Length == LineBytesAtMost || (end >= 0 && line[end] == '\n') ? ProxyHeaderResult.Bad : ProxyHeaderResult.Partial;
        }

        if (line[end] != '\r' || line[end + 1] != '\n')
        {
            return ProxyHeaderResult.Bad;
        }

        ReadOnlySpan<byte> rest = line[LineStart.Length..end];
        if (rest.StartsWith("UNKNOWN"u8) && (rest.Length == 7 || rest[7] == ' '))
        {
            header = new ProxyHeader(end + 2, false, default);
            return ProxyHeaderResult.Complete;
        }

        if (!TryReadSource(rest, out PeerAddress source))
        {
            return ProxyHeaderResult.Bad;
        }

        header = new ProxyHeader(end + 2, true, source);
        return ProxyHeaderResult.Complete;
    }

    // "TCP4 source destination port port", each separated by one space.
    private static bool TryReadSource(ReadOnlySpan<byte> rest, out PeerAddress source)
    {
        ReadOnlySpan<byte> family = TakeWord(ref rest);
        bool isIPv4 = family.SequenceEqual("TCP4"u8);
        return TryReadAddress(TakeWord(ref rest), isIPv4, out source)
            && (isIPv4 || family.SequenceEqual("TCP6"u8))
            && TryReadAddress(TakeWord(ref rest), isIPv4, out _)
            && IsPort(TakeWord(ref rest))
            && IsPort(rest);
    }

    // Up to the next space, which is removed, too.
    private static ReadOnlySpan<byte> TakeWord(ref ReadOnlySpan<byte> rest)
    {
        int space = rest.IndexOf((byte)' ');
        ReadOnlySpan<byte> word = space < 0 ? rest : rest[..space];
        rest = space < 0 ? default : rest[(space + 1)..];
        return word;
    }

    private static bool TryReadAddress(ReadOnlySpan<byte> text, bool isIPv4, out PeerAddress address)
    {
        address = default;
        return text.IndexOfAnyExcept(isIPv4 ? s_ipv4 : s_ipv6) < 0 && PeerAddress.TryParse(text, isIPv4, out address);
    }

    // 0 to 65535 without leading zeros.
    private static bool IsPort(ReadOnlySpan<byte> text) =>
        text.Length is > 0 and <= 5
        && text.IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0
        && (text.Length == 1 || text[0] != '0')
        && Utf8Parser.TryParse(text, out int port, out _) && port <= ushort.MaxValue;
}
