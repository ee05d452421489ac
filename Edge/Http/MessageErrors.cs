namespace Edge.Http;

internal static class MessageErrors
{
    /// <summary>The status of the local reply for this error (RFC 9110 §15.5, §15.6).</summary>
    internal static int Status(MessageError refusal) => refusal switch
    {
        MessageError.TargetTooLong => 414,
        MessageError.HeadTooLarge or MessageError.TooManyFields => 431,
        MessageError.UnsupportedVersion => 505,
        MessageError.MethodTooLong or MessageError.UnsupportedTransferEncoding or MessageError.ConnectUnknown => 501,
        MessageError.LengthRequired => 411,
        MessageError.UnknownExpectation => 417,
        MessageError.ConnectRefused => 405,
        MessageError.Misdirected => 421,
        MessageError.BodyTooLarge => 413,
        _ => 400,
    };

    /// <summary>The text for the client, or for the log.</summary>
    internal static ReadOnlySpan<byte> Text(MessageError refusal) => refusal switch
    {
        MessageError.MalformedStartLine => "malformed start line"u8,
        MessageError.MethodTooLong => "method is longer than any that is supported"u8,
        MessageError.TargetTooLong => "request target is too long"u8,
        MessageError.MalformedTarget => "malformed request target"u8,
        MessageError.UnsupportedVersion => "HTTP version is not supported, HTTP/1.1 is"u8,
        MessageError.MalformedField => "malformed header field"u8,
        MessageError.HeadTooLarge => "header fields are too large"u8,
        MessageError.TooManyFields => "too many header fields"u8,
        MessageError.MissingHost => "Host is missing or repeated"u8,
        MessageError.AmbiguousPath => "path may mean two things: it has dot segments, or encoded slashes"u8,
        MessageError.MalformedHost => "malformed Host"u8,
        MessageError.MalformedContentLength => "Content-Length is malformed or repeated"u8,
        MessageError.LengthAndTransferEncoding => "both Content-Length and Transfer-Encoding"u8,
        MessageError.UnsupportedTransferEncoding => "transfer coding is not supported, chunked is"u8,
        MessageError.MalformedTransferEncoding => "Transfer-Encoding is malformed or repeated"u8,
        MessageError.TransferEncodingInHttp10 => "Transfer-Encoding in an HTTP/1.0 message"u8,
        MessageError.LengthRequired => "Content-Length is required"u8,
        MessageError.UnknownExpectation => "expectation is not supported, 100-continue is"u8,
        MessageError.ConnectRefused or MessageError.ConnectUnknown => "CONNECT is not supported"u8,
        MessageError.Misdirected => "https is not served here"u8,
        MessageError.MalformedMaxForwards => "Max-Forwards is malformed or repeated"u8,
        MessageError.MalformedChunk => "malformed chunk"u8,
        MessageError.BodyTooLarge => "body is too large"u8,
        MessageError.UnsolicitedUpgrade => "switched protocols without having been asked"u8,
        _ => "malformed message"u8,
    };
}
