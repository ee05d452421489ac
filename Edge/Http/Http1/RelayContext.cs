namespace Edge.Http;

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
