namespace Edge.Http;

/// <summary>What is the same for all requests that a loop forwards for one client connection.</summary>
internal readonly ref struct ForwardingContext
{
    /// <summary>The client's address as text.</summary>
    internal ReadOnlySpan<byte> Peer { get; init; }

    /// <summary>
    /// What all requests of a client that is not believed get: the lines X-Forwarded-For and X-Forwarded-Proto, and
    /// X-Forwarded-Host up to its value.
    /// </summary>
    internal ReadOnlySpan<byte> PeerLines { get; init; }

    /// <summary>The client's own X-Forwarded-* and Forwarded fields are believed.</summary>
    internal bool PeerIsTrusted { get; init; }

    /// <summary>Host for a request of HTTP/1.0 that has none: where the client connected to.</summary>
    internal ReadOnlySpan<byte> DefaultHost { get; init; }

    /// <summary>The whole Via line, or empty for none. Its version is that of the message as it came (RFC 9110 §7.6.3).</summary>
    internal ReadOnlySpan<byte> ViaLine { get; init; }

    /// <summary>Whole lines that the request can be found by, or empty.</summary>
    internal ReadOnlySpan<byte> Identity { get; init; }

    /// <summary>Of fields that mean nothing to forwarding: which the client's are left out.</summary>
    internal LeftOut LeavesOut { get; init; }
}
