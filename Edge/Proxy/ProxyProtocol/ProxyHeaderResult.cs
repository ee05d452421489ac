namespace Edge.Proxy;

/// <summary>The result of reading the beginning of a connection that has to be a PROXY header.</summary>
internal enum ProxyHeaderResult : byte
{
    /// <summary>The whole header is there.</summary>
    Complete,

    /// <summary>The bytes are right so far, and more are needed.</summary>
    Partial,

    /// <summary>No further byte can make it right.</summary>
    Bad,
}
