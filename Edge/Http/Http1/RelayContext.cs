namespace Edge.Http;

/// <summary>How a response's head is written for the client.</summary>
internal readonly ref struct RelayContext
{
    /// <summary>The whole header line that names the replica, or empty.</summary>
    internal ReadOnlySpan<byte> ReplicaLine { get; init; }

    /// <summary>The whole Via line, or empty for none. Its version is that of the message as it came (RFC 9110 §7.6.3).</summary>
    internal ReadOnlySpan<byte> ViaLine { get; init; }

    /// <summary>The whole line Strict-Transport-Security (RFC 6797), for a response that has none of its own; or empty for none.</summary>
    internal ReadOnlySpan<byte> StrictTransportLine { get; init; }

    /// <summary>Fields that a final response carries in any case; null for none.</summary>
    internal FixedFields? Fixed { get; init; }

    /// <summary>The Date value for a response that has none (RFC 9110 §6.6.1).</summary>
    internal ReadOnlySpan<byte> Date { get; init; }

    /// <summary>The body goes out in chunks, as it came.</summary>
    internal bool IsChunked { get; init; }

    /// <summary>The client connection ends with this response.</summary>
    internal bool Close { get; init; }

    /// <summary>Write keep-alive, which clients of HTTP/1.0 need.</summary>
    internal bool SayKeepAlive { get; init; }
}
