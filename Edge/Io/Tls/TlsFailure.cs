namespace Edge.Io;

/// <summary>Why a handshake or a session failed, in few kinds, for figures.</summary>
internal enum TlsFailure : byte
{
    None,

    /// <summary>Another fault of the protocol.</summary>
    Protocol,

    /// <summary>The client speaks plain HTTP to a port of https.</summary>
    PlainHttp,

    /// <summary>The peers have no version of the protocol in common.</summary>
    Version,

    /// <summary>The peers have no suite, group or signature algorithm in common.</summary>
    Suite,

    /// <summary>The peers have no application protocol in common (ALPN, RFC 7301 §3.2).</summary>
    Alpn,

    /// <summary>The name that the client asks for is not served (RFC 6066 §3).</summary>
    Name,

    /// <summary>The client had to show a certificate, and showed none or one that does not verify.</summary>
    ClientCertificate,

    /// <summary>The peer refused: it sent an alert, as for a certificate that it does not trust.</summary>
    Refused,

    /// <summary>The connection ended before the handshake did.</summary>
    Closed,

    /// <summary>The handshake took too long.</summary>
    TimedOut,

    /// <summary>Too many handshakes were under way, of all clients or of this one.</summary>
    TooMany,
}
