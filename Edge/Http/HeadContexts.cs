namespace Edge.Http;

/// <summary>Fields of a client that do not go to the replica, beside those that never do.</summary>
[Flags]
internal enum LeftOut : byte
{
    None = 0,

    /// <summary>X-Request-ID, in whose place another is sent.</summary>
    RequestId = 1,

    /// <summary>traceparent, in whose place another is sent, and tracestate, which belongs to it.</summary>
    Trace = 2,

    /// <summary>Whatever has an underscore in its name.</summary>
    Underscored = 4,
}

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

/// <summary>What a response's head becomes on its way to the client.</summary>
internal readonly ref struct RelayContext
{
    /// <summary>The whole header line that names the replica, or empty.</summary>
    internal ReadOnlySpan<byte> ReplicaLine { get; init; }

    /// <summary>The whole Via line, or empty for none. Its version is that of the message as it came (RFC 9110 §7.6.3).</summary>
    internal ReadOnlySpan<byte> ViaLine { get; init; }

    /// <summary>The Date value for a response that has none (RFC 9110 §6.6.1).</summary>
    internal ReadOnlySpan<byte> Date { get; init; }

    /// <summary>The body goes out chunked, as it came.</summary>
    internal bool IsChunked { get; init; }

    /// <summary>The client's connection ends with this response.</summary>
    internal bool Close { get; init; }

    /// <summary>Say keep-alive, as HTTP/1.0 clients need to be told.</summary>
    internal bool SayKeepAlive { get; init; }
}
