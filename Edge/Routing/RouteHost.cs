using System.Buffers.Text;

namespace Edge.Routing;

/// <summary>The host of a request in the form in which hosts are compared: each host has one, in whatever way it is written.</summary>
internal static class RouteHost
{
    /// <summary>The longest name in the DNS (RFC 1035 §2.3.4), without the dot at its end.</summary>
    internal const int BytesAtMost = 253;

    private const int AddressBytes = 16;

    /// <summary>The part before the last colon, unless that is one of an IPv6 address, which stands in brackets (RFC 3986 §3.2.2).</summary>
    internal static ReadOnlySpan<byte> WithoutPort(ReadOnlySpan<byte> host)
    {
        int colon = host.LastIndexOf((byte)':');
        return colon < 0 || host[colon..].Contains((byte)']') ? host : host[..colon];
    }

    /// <summary>
    /// Writes a host without its port and without a dot at its end (RFC 3986 §3.2.2), in lower case (RFC 9110 §4.2.3), with encoded characters decoded
    /// (RFC 3986 §6.2.2.2) and all digits of an IPv6 address. Returns the number of bytes; 0 for what can be no host of a route.
    /// </summary>
    /// <param name="host">As the request names it, and well-formed; empty where it names none.</param>
    /// <param name="to">At least <see cref="BytesAtMost"/> bytes.</param>
    internal static int Write(ReadOnlySpan<byte> host, Span<byte> to)
    {
        host = WithoutPort(host);
        if (host is [(byte)'[', ..])
        {
            return WriteAddress(host[1..^1], to);
        }

        if (host.Contains((byte)'%'))
        {
            return WriteDecoded(host, to);
        }

        if (host is [.., (byte)'.'])
        {
            host = host[..^1];
        }

        if (host.Length > BytesAtMost)
        {
            return 0;
        }

        System.Text.Ascii.ToLower(host, to, out int written);
        return written == host.Length ? written : 0;
    }

    private static int WriteDecoded(ReadOnlySpan<byte> host, Span<byte> to)
    {
        Span<byte> decoded = stackalloc byte[BytesAtMost + 1];
        int length = 0;
        for (int at = 0; at < host.Length; length++)
        {
            if (length == decoded.Length)
            {
                return 0;
            }

            decoded[length] = PercentCode.Next(host, ref at);
        }

        // A percent sign that is encoded itself is decoded once; what it begins stays.
        decoded = decoded[..length];
        decoded = decoded is [.., (byte)'.'] ? decoded[..^1] : decoded;
        return decoded.Length <= BytesAtMost && System.Text.Ascii.ToLower(decoded, to, out int written) == System.Buffers.OperationStatus.Done ? written : 0;
    }

    // The forms of RFC 4291 §2.2: groups of hexadecimal digits, one run of zeros left out, an IPv4 address at the end.
    private static int WriteAddress(ReadOnlySpan<byte> text, Span<byte> to)
    {
        Span<byte> address = stackalloc byte[AddressBytes];
        address.Clear();
        int length = 0, gap = -1;
        while (!text.IsEmpty)
        {
            if (text[0] == ':')
            {
                gap = text is [_, (byte)':', ..] ? length : gap;
                text = text[(text is [_, (byte)':', ..] ? 2 : 1)..];
                continue;
            }

            int end = text.IndexOf((byte)':');
            ReadOnlySpan<byte> group = end < 0 ? text : text[..end];
            length = Add(group, address, length);
            if (length < 0)
            {
                return 0;
            }

            text = text[group.Length..];
        }

        if (gap >= 0)
        {
            address[gap..length].CopyTo(address[(AddressBytes - (length - gap))..]);
            address[gap..(AddressBytes - (length - gap))].Clear();
        }
        else if (length < AddressBytes)
        {
            return 0;
        }

        to[0] = (byte)'[';
        return Convert.TryToHexStringLower(address, to[1..], out int digits) ? digits + 1 : 0;
    }

    // Writes one group behind those that are there; returns the new length, and -1 for what is none.
    private static int Add(ReadOnlySpan<byte> group, Span<byte> address, int length)
    {
        if (!group.Contains((byte)'.'))
        {
            if (length + 2 > AddressBytes || !Utf8Parser.TryParse(group, out ushort value, out int digits, 'x') || digits != group.Length)
            {
                return -1;
            }

            (address[length], address[length + 1]) = ((byte)(value >> 8), (byte)value);
            return length + 2;
        }

        while (true)
        {
            int dot = group.IndexOf((byte)'.');
            ReadOnlySpan<byte> number = dot < 0 ? group : group[..dot];
            if (length == AddressBytes || !Utf8Parser.TryParse(number, out byte value, out int digits) || digits != number.Length)
            {
                return -1;
            }

            address[length++] = value;
            if (dot < 0)
            {
                return length;
            }

            group = group[(dot + 1)..];
        }
    }
}
