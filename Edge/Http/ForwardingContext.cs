namespace Edge.Http;

/// <summary>What all requests of one client connection have in common when they are forwarded.</summary>
internal readonly ref struct ForwardingContext
{
    /// <summary>The client's address as text.</summary>
    internal ReadOnlySpan<byte> Peer { get; init; }

    /// <summary>
    /// The lines for requests of a client that is not trusted: X-Forwarded-For and X-Forwarded-Proto, and X-Forwarded-Host up to its value.
    /// </summary>
    internal ReadOnlySpan<byte> PeerLines { get; init; }

    /// <summary>The subject of the client's certificate (RFC 4514); empty if it has shown none.</summary>
    internal ReadOnlySpan<byte> ClientSubject { get; init; }

    /// <summary>How the client spoke to the balancer: "http" or "https".</summary>
    internal ReadOnlySpan<byte> Scheme { get; init; }

    /// <summary>Whether the client's own X-Forwarded-* and Forwarded fields are trusted.</summary>
    internal bool PeerIsTrusted { get; init; }

    /// <summary>The Host for a request of HTTP/1.0 that has none: the address that the client connected to.</summary>
    internal ReadOnlySpan<byte> DefaultHost { get; init; }

    /// <summary>The whole Via line, or empty for none. Its version is that of the message as it came (RFC 9110 §7.6.3).</summary>
    internal ReadOnlySpan<byte> ViaLine { get; init; }

    /// <summary>The path of a route that is taken off the request's (X-Forwarded-Prefix); empty for none.</summary>
    internal ReadOnlySpan<byte> Prefix { get; init; }

    /// <summary>Whole lines by which logs can find the request (X-Request-ID, traceparent), or empty.</summary>
    internal ReadOnlySpan<byte> Identity { get; init; }

    /// <summary>Which fields of the client are left out, of those that mean nothing to forwarding.</summary>
    internal LeftOut LeavesOut { get; init; }
}
