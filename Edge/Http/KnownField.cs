using System.Text;

namespace Edge.Http;

/// <summary>The request methods that mean something to a balancer (RFC 9110 §9); all others pass as <see cref="Other"/>.</summary>
internal enum Method : byte
{
    Other,
    Get,
    Head,
    Post,
    Put,
    Delete,
    Options,
    Trace,
    Connect,
}

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
    EdgeReplica,
    Http2Settings,
    Trailer,
}

/// <summary>Tells methods and fields by their names.</summary>
internal static class KnownNames
{
    /// <summary>Field names are case-insensitive (RFC 9110 §5.1).</summary>
    internal static KnownField Field(ReadOnlySpan<byte> name) => name.Length switch
    {
        2 => Match(name, "te"u8, KnownField.Te),
        3 => Match(name, "via"u8, KnownField.Via),
        4 => (name[0] | 0x20) == 'h' ? Match(name, "host"u8, KnownField.Host) : Match(name, "date"u8, KnownField.Date),
        6 => Match(name, "expect"u8, KnownField.Expect),
        7 => (name[0] | 0x20) == 'u' ? Match(name, "upgrade"u8, KnownField.Upgrade) : Match(name, "trailer"u8, KnownField.Trailer),
        9 => Match(name, "forwarded"u8, KnownField.Forwarded),
        10 => (name[0] | 0x20) == 'c' ? Match(name, "connection"u8, KnownField.Connection) : Match(name, "keep-alive"u8, KnownField.KeepAlive),
        13 => Match(name, "authorization"u8, KnownField.Authorization),
        14 => (name[0] | 0x20) == 'c' ? Match(name, "content-length"u8, KnownField.ContentLength)
            : (name[0] | 0x20) == 'h' ? Match(name, "http2-settings"u8, KnownField.Http2Settings)
            : Match(name, "x-edge-replica"u8, KnownField.EdgeReplica),
        15 => Match(name, "x-forwarded-for"u8, KnownField.ForwardedFor),
        16 => (name[0] | 0x20) == 'p' ? Match(name, "proxy-connection"u8, KnownField.ProxyConnection)
            : Match(name, "x-forwarded-host"u8, KnownField.ForwardedHost),
        17 => (name[0] | 0x20) == 't' ? Match(name, "transfer-encoding"u8, KnownField.TransferEncoding)
            : Match(name, "x-forwarded-proto"u8, KnownField.ForwardedProto),
        _ => KnownField.Other,
    };

    /// <summary>Methods are case-sensitive (RFC 9110 §9.1).</summary>
    internal static Method Method(ReadOnlySpan<byte> name) => name.Length switch
    {
        3 => name.SequenceEqual("GET"u8) ? Http.Method.Get : name.SequenceEqual("PUT"u8) ? Http.Method.Put : Http.Method.Other,
        4 => name.SequenceEqual("POST"u8) ? Http.Method.Post : name.SequenceEqual("HEAD"u8) ? Http.Method.Head : Http.Method.Other,
        5 => name.SequenceEqual("TRACE"u8) ? Http.Method.Trace : Http.Method.Other,
        6 => name.SequenceEqual("DELETE"u8) ? Http.Method.Delete : Http.Method.Other,
        7 => name.SequenceEqual("OPTIONS"u8) ? Http.Method.Options : name.SequenceEqual("CONNECT"u8) ? Http.Method.Connect : Http.Method.Other,
        _ => Http.Method.Other,
    };

    private static KnownField Match(ReadOnlySpan<byte> name, ReadOnlySpan<byte> known, KnownField field) =>
        Ascii.EqualsIgnoreCase(name, known) ? field : KnownField.Other;
}
