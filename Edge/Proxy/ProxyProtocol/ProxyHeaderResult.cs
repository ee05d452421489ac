namespace Edge.Proxy;

/// <summary>What the beginning of a connection is, where it has to be a PROXY header.</summary>
internal enum ProxyHeaderResult : byte
{
    /// <summary>The header is there, whole.</summary>
    Complete,

    /// <summary>What is there is right so far, and more is needed.</summary>
    Partial,

    /// <summary>No further byte can make it right.</summary>
    Bad,
}
