namespace Edge.Proxy;

/// <summary>What a client's connection is busy with.</summary>
internal enum ClientState : byte
{
    /// <summary>At the beginning, where a trusted proxy has to say whose connection it is.</summary>
    Announcing,

    /// <summary>Between requests, or in the middle of a head.</summary>
    Reading,

    /// <summary>A request is being forwarded.</summary>
    Forwarding,

    /// <summary>The balancer itself answers.</summary>
    Local,

    /// <summary>The last bytes go out, then it ends.</summary>
    Ending,
}
