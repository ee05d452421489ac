namespace Edge.Proxy;

/// <summary>Why a connection to a replica did not come to be.</summary>
internal enum ConnectFault : byte
{
    /// <summary>The replica refused it, or the network did.</summary>
    Unreachable,

    /// <summary>The TLS handshake failed.</summary>
    Handshake,

    /// <summary>The replica's certificate does not verify.</summary>
    Certificate,
}
