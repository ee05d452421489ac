namespace Edge.Http;

/// <summary>Why a message is refused. If two readers could understand a message differently, it is refused; the balancer does not guess.</summary>
internal enum MessageError : byte
{
    None,
    MalformedStartLine,
    MethodTooLong,
    TargetTooLong,
    MalformedTarget,
    AmbiguousPath,
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
