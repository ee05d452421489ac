using System.Buffers.Binary;
using System.Net;

namespace Edge.Io;

/// <summary>
/// The address at the other end of a connection, without a heap object: 128 bits, IPv4 as mapped into IPv6 (RFC 4291 §2.5.5.2).
/// </summary>
internal readonly unsafe struct PeerAddress(UInt128 bits) : IEquatable<PeerAddress>
{
    internal const int TextBytesAtMost = 46;

    private static readonly UInt128 s_mappedPrefix = new(0, 0x0000_FFFF_0000_0000);

    private readonly UInt128 _bits = bits;

    internal bool IsIPv4 => _bits >> 32 == s_mappedPrefix >> 32;

    internal bool IsLoopback => IsIPv4 ? (byte)(_bits >> 24) == 127 : _bits == UInt128.One;

    /// <summary>What is one subscriber's: the whole of an address of IPv4, the first 64 bits of one of IPv6 (RFC 6177), the rest being 0.</summary>
    internal (ulong High, ulong Low) Subscriber => ((ulong)(_bits >> 64), IsIPv4 ? (ulong)_bits : 0);

    internal static PeerAddress FromSocketAddress(ReadOnlySpan<byte> from) =>
        BitConverter.ToUInt16(from) == Libc.AF_INET
            ? new PeerAddress(s_mappedPrefix | BinaryPrimitives.ReadUInt32BigEndian(from[4..]))
            : new PeerAddress(BinaryPrimitives.ReadUInt128BigEndian(from[8..]));

    /// <param name="bytes">Four, in network order.</param>
    internal static PeerAddress FromIPv4(ReadOnlySpan<byte> bytes) => new(s_mappedPrefix | BinaryPrimitives.ReadUInt32BigEndian(bytes));

    /// <param name="bytes">Sixteen, in network order.</param>
    internal static PeerAddress FromIPv6(ReadOnlySpan<byte> bytes) => new(BinaryPrimitives.ReadUInt128BigEndian(bytes));

    /// <summary>Reads the text forms of inet_pton(3): four decimal numbers without leading zeros, or hexadecimal groups with one "::" at most.</summary>
    internal static bool TryParse(ReadOnlySpan<byte> text, bool isIPv4, out PeerAddress address)
    {
        address = default;
        if (text.Length >= TextBytesAtMost)
        {
            return false;
        }

        Span<byte> terminated = stackalloc byte[TextBytesAtMost];
        Span<byte> bytes = stackalloc byte[16];
        terminated.Clear();
        text.CopyTo(terminated);
        fixed (byte* source = terminated, target = bytes)
        {
            if (Libc.inet_pton(isIPv4 ? Libc.AF_INET : Libc.AF_INET6, source, target) != 1)
            {
                return false;
            }
        }

        address = isIPv4 ? FromIPv4(bytes) : FromIPv6(bytes);
        return true;
    }

    internal static PeerAddress From(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.MapToIPv6().TryWriteBytes(bytes, out _);
        return new PeerAddress(BinaryPrimitives.ReadUInt128BigEndian(bytes));
    }

    public bool Equals(PeerAddress other) => _bits == other._bits;

    public override bool Equals(object? obj) => obj is PeerAddress other && Equals(other);

    public override int GetHashCode() => _bits.GetHashCode();

    internal IPAddress ToIPAddress()
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, _bits);
        return IsIPv4 ? new IPAddress(bytes[12..]) : new IPAddress(bytes);
    }

    /// <summary>Whether the first <paramref name="prefixBits"/> of the 128 are those of the network.</summary>
    internal bool IsIn(PeerAddress network, int prefixBits) =>
        prefixBits == 0 || (_bits ^ network._bits) >> (128 - prefixBits) == UInt128.Zero;

    /// <summary>Writes the usual text form, IPv6 without brackets; returns its length.</summary>
    internal int Format(Span<byte> to)
    {
        if (!IsIPv4)
        {
            return FormatIPv6(to);
        }

        int at = 0;
        for (int shift = 24; shift >= 0; shift -= 8)
        {
            byte part = (byte)(_bits >> shift);
            if (part >= 100)
            {
                to[at++] = (byte)('0' + part / 100);
            }

            if (part >= 10)
            {
                to[at++] = (byte)('0' + part / 10 % 10);
            }

            to[at++] = (byte)('0' + part % 10);
            if (shift > 0)
            {
                to[at++] = (byte)'.';
            }
        }

        return at;
    }

    private int FormatIPv6(Span<byte> to)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, _bits);
        Span<byte> text = stackalloc byte[TextBytesAtMost];
        fixed (byte* source = bytes, target = text)
        {
            Libc.inet_ntop(Libc.AF_INET6, source, target, TextBytesAtMost);
        }

        int length = text.IndexOf((byte)0);
        text[..length].CopyTo(to);
        return length;
    }
}
