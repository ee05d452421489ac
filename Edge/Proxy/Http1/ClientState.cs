namespace Edge.Proxy;

/// <summary>What a client connection is doing.</summary>
internal enum ClientState : byte
{
    /// <summary>At the beginning: a trusted proxy has to send its PROXY header.</summary>
    Announcing,

    /// <summary>The TLS handshake is under way.</summary>
    Handshaking,

    /// <summary>Between requests, or in the middle of a head.</summary>
    Reading,

    /// <summary>A request is being forwarded.</summary>
    Forwarding,

    /// <summary>The balancer answers a request itself.</summary>
    Control,

    /// <summary>The last bytes go out, then the connection ends.</summary>
    Ending,
}
