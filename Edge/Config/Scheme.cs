namespace Edge.Config;

/// <summary>What is spoken at an address (RFC 9110 §4.2).</summary>
internal enum Scheme : byte
{
    /// <summary>HTTP over TCP.</summary>
    Http,

    /// <summary>HTTP over TLS.</summary>
    Https,
}
