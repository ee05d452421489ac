namespace Edge.Proxy;

/// <summary>What a client's connection is busy with.</summary>
internal enum ClientState : byte
{
    /// <summary>Between requests, or in the middle of a head.</summary>
    Reading,

    /// <summary>A request is being forwarded.</summary>
    Forwarding,

    /// <summary>The balancer itself answers.</summary>
    Local,

    /// <summary>The last bytes go out, then it ends.</summary>
    Flushing,

    /// <summary>Everything is sent; what the client still sends is thrown away until it has seen the end (RFC 9112 §9.6).</summary>
    Lingering,
}
