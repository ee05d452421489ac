namespace Edge.Io;

/// <summary>Why a TLS session with a server did not come to be.</summary>
internal enum TlsPeerFault : byte
{
    None,

    /// <summary>The server ended the handshake, does not speak TLS there, or has no version or suite in common with this process.</summary>
    Handshake,

    /// <summary>Its certificate has expired.</summary>
    Expired,

    /// <summary>Its certificate is not good yet.</summary>
    NotYetGood,

    /// <summary>Its certificate is for another name (RFC 9525).</summary>
    Name,

    /// <summary>Nobody who is believed vouches for its certificate.</summary>
    Authority,

    /// <summary>Its certificate does not verify for another reason.</summary>
    Certificate,
}
