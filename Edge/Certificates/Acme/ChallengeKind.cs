namespace Edge.Certificates;

/// <summary>How an authority sees that a name leads to this process.</summary>
internal enum ChallengeKind
{
    /// <summary>It asks for a path over plain HTTP, on port 80 (RFC 8555 §8.3).</summary>
    Http,

    /// <summary>It shakes hands with TLS for a protocol of its own, on port 443 (RFC 8737).</summary>
    TlsAlpn,
}
