namespace Edge.Http;

/// <summary>The header fields that mean something to a balancer; all others pass as <see cref="Other"/>.</summary>
internal enum KnownField : byte
{
    Other,
    Host,
    Connection,
    KeepAlive,
    ProxyConnection,
    Te,
    TransferEncoding,
    Upgrade,
    ContentLength,
    Expect,
    ForwardedFor,
    ForwardedProto,
    ForwardedHost,
    Forwarded,
    Via,
    Date,
    Authorization,
    ProxyAuthorization,

    /// <summary>WWW-Authenticate and Proxy-Authenticate.</summary>
    Authenticate,
    EdgeReplica,
    Http2Settings,
    Trailer,
    MaxForwards,

    /// <summary>X-Real-IP, and any X-Forwarded-* that has no name of its own here: said by a proxy, not by a client.</summary>
    OtherForwarded,

    /// <summary>
    /// A name that is one of these, or of <see cref="NotedField"/>, with underscores in it. To a replica that turns both into underscores, as CGI does
    /// (RFC 3875 §4.1.18), it is the same field.
    /// </summary>
    Disguised,
}
