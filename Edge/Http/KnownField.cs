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

    /// <summary>X-Real-IP, and every X-Forwarded-* that has no name of its own here. Only a proxy sends them.</summary>
    OtherForwarded,

    /// <summary>
    /// The name of one of these fields, or of a <see cref="NotedField"/>, with underscores instead of hyphens. A replica that turns hyphens into
    /// underscores, as CGI does (RFC 3875 §4.1.18), takes it for the same field.
    /// </summary>
    Disguised,

    /// <summary>A field of a response that options take out of it, whatever it was before.</summary>
    LeftOut,
}
