namespace Edge.Io;

/// <summary>What came of a step of a TLS session.</summary>
internal enum TlsProgress : byte
{
    Done,

    /// <summary>The peer has to say more first.</summary>
    WantsMore,

    /// <summary>The peer has ended it with close_notify (RFC 8446 §6.1).</summary>
    Ended,

    /// <summary>The connection ended without close_notify: what came before may be cut.</summary>
    Cut,

    /// <summary>The peer breaks the protocol, or the two have nothing in common; OpenSSL's queue of errors says what.</summary>
    Failed,
}
