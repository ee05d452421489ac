namespace Edge.Routing;

/// <summary>The host of a request in the form in which hosts are compared.</summary>
internal static class RouteHost
{
    /// <summary>The longest name in the DNS (RFC 1035 §2.3.4), without the dot at its end.</summary>
    internal const int BytesAtMost = 253;

    /// <summary>The part before the last colon, unless that is one of an IPv6 address, which stands in brackets (RFC 3986 §3.2.2).</summary>
    internal static ReadOnlySpan<byte> WithoutPort(ReadOnlySpan<byte> host)
    {
        int colon = host.LastIndexOf((byte)':');
        return colon < 0 || host[colon..].Contains((byte)']') ? host : host[..colon];
    }

    /// <summary>
    /// Writes a host without its port and without a dot at its end (RFC 3986 §3.2.2), in lower case (RFC 9110 §4.2.3). Returns the number of bytes; 0 for
    /// what can be no host of a route.
    /// </summary>
    /// <param name="host">As the request names it; empty where it names none.</param>
    /// <param name="to">At least <see cref="BytesAtMost"/> bytes.</param>
    internal static int Write(ReadOnlySpan<byte> host, Span<byte> to)
    {
        host = WithoutPort(host);
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
}
