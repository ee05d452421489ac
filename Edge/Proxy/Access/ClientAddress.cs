using Edge.Http;
using Edge.Io;

namespace Edge.Proxy;

/// <summary>Which address a request is from, as far as rules on addresses go.</summary>
internal static class ClientAddress
{
    /// <summary>
    /// That of the other end of the connection, or the one that its PROXY header names. If that is a trusted proxy's, X-Forwarded-For is read from its end,
    /// where each proxy writes whom it was asked by: the first address that is not a trusted proxy's, or else the first of the list. What is no address
    /// there is nobody's (::), which no list has to mean.
    /// </summary>
    /// <param name="peer">The other end.</param>
    /// <param name="isTrusted">Whether its X-Forwarded-* fields are trusted.</param>
    /// <param name="data">The bytes that the head was parsed from.</param>
    /// <param name="head">As it came.</param>
    /// <param name="trusted">The trusted proxies.</param>
    internal static PeerAddress Of(PeerAddress peer, bool isTrusted, ReadOnlySpan<byte> data, Head head, NetworkList trusted)
    {
        if (!isTrusted || !head.Has(KnownField.ForwardedFor))
        {
            return peer;
        }

        PeerAddress address = peer;
        for (int i = head.FieldCount - 1; i >= 0; i--)
        {
            ReadOnlySpan<byte> rest = head.Fields[i].Known == KnownField.ForwardedFor ? head.Fields[i].Value(data) : default;
            while (!rest.IsEmpty)
            {
                int comma = rest.LastIndexOf((byte)',');
                ReadOnlySpan<byte> last = rest[(comma + 1)..].Trim(" \t"u8);
                rest = comma < 0 ? default : rest[..comma];
                if (last.IsEmpty)
                {
                    continue;
                }

                if (!TryRead(last, out address))
                {
                    return default;
                }

                if (!trusted.Contains(address))
                {
                    return address;
                }
            }
        }

        return address;
    }

    // Some proxies write the port, too: 192.0.2.1:50123, [2001:db8::1]:50123.
    private static bool TryRead(ReadOnlySpan<byte> text, out PeerAddress address)
    {
        if (text[0] == '[')
        {
            int end = text.IndexOf((byte)']');
            address = default;
            return end > 0 && PeerAddress.TryParse(text[1..end], isIPv4: false, out address);
        }

        int colon = text.IndexOf((byte)':');
        return colon >= 0 && text[(colon + 1)..].Contains((byte)':')
            ? PeerAddress.TryParse(text, isIPv4: false, out address)
            : PeerAddress.TryParse(colon < 0 ? text : text[..colon], isIPv4: true, out address);
    }
}
