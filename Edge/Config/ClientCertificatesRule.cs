namespace Edge.Config;

/// <summary>Whether clients show a certificate in the handshake.</summary>
internal enum ClientCertificatesRule
{
    /// <summary>They are not asked for one.</summary>
    None,

    /// <summary>They are asked; one that shows none is let in all the same.</summary>
    Optional,

    /// <summary>One that shows none is refused.</summary>
    Required,
}
