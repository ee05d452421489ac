namespace Edge.Http;

/// <summary>Why a message is refused. Whatever two parties could read differently is refused, never guessed.</summary>
internal enum Refusal : byte
{
    None,
    MalformedStartLine,
    MethodTooLong,
    TargetTooLong,
    MalformedTarget,
    UnsupportedVersion,
    MalformedField,
    HeadTooLarge,
    TooManyFields,
    MissingHost,
    MalformedHost,
    MalformedContentLength,
    LengthAndTransferEncoding,
    UnsupportedTransferEncoding,
    MalformedTransferEncoding,
    TransferEncodingInHttp10,
    LengthRequired,
    UnknownExpectation,
    ConnectRefused,
    ConnectUnknown,
    Misdirected,
    MalformedMaxForwards,
    MalformedChunk,
    BodyTooLarge,
    UnsolicitedUpgrade,
}

internal static class Refusals
{
    /// <summary>The status that a client gets for a request refused so (RFC 9110 §15.5, §15.6).</summary>
    internal static int Status(Refusal refusal) => refusal switch
    {
        Refusal.TargetTooLong => 414,
        Refusal.HeadTooLarge or Refusal.TooManyFields => 431,
        Refusal.UnsupportedVersion => 505,
        Refusal.MethodTooLong or Refusal.UnsupportedTransferEncoding or Refusal.ConnectUnknown => 501,
        Refusal.LengthRequired => 411,
        Refusal.UnknownExpectation => 417,
        Refusal.ConnectRefused => 405,
        Refusal.Misdirected => 421,
        Refusal.BodyTooLarge => 413,
        _ => 400,
    };

    /// <summary>What the client, or the log, is told.</summary>
    internal static ReadOnlySpan<byte> Text(Refusal refusal) => refusal switch
    {
        Refusal.MalformedStartLine => "malformed start line"u8,
        Refusal.MethodTooLong => "method is longer than any that is supported"u8,
        Refusal.TargetTooLong => "request target is too long"u8,
        Refusal.MalformedTarget => "malformed request target"u8,
        Refusal.UnsupportedVersion => "HTTP version is not supported, HTTP/1.1 is"u8,
        Refusal.MalformedField => "malformed header field"u8,
        Refusal.HeadTooLarge => "header fields are too large"u8,
        Refusal.TooManyFields => "too many header fields"u8,
        Refusal.MissingHost => "Host is missing or repeated"u8,
        Refusal.MalformedHost => "malformed Host"u8,
        Refusal.MalformedContentLength => "Content-Length is malformed or repeated"u8,
        Refusal.LengthAndTransferEncoding => "both Content-Length and Transfer-Encoding"u8,
        Refusal.UnsupportedTransferEncoding => "transfer coding is not supported, chunked is"u8,
        Refusal.MalformedTransferEncoding => "Transfer-Encoding is malformed or repeated"u8,
        Refusal.TransferEncodingInHttp10 => "Transfer-Encoding in an HTTP/1.0 message"u8,
        Refusal.LengthRequired => "Content-Length is required"u8,
        Refusal.UnknownExpectation => "expectation is not supported, 100-continue is"u8,
        Refusal.ConnectRefused or Refusal.ConnectUnknown => "CONNECT is not supported"u8,
        Refusal.Misdirected => "https is not served here"u8,
        Refusal.MalformedMaxForwards => "Max-Forwards is malformed or repeated"u8,
        Refusal.MalformedChunk => "malformed chunk"u8,
        Refusal.BodyTooLarge => "body is too large"u8,
        Refusal.UnsolicitedUpgrade => "switched protocols without having been asked"u8,
        _ => "malformed message"u8,
    };
}
