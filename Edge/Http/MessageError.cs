namespace Edge.Http;

/// <summary>Why a message is refused. Whatever two parties could read differently is refused, never guessed.</summary>
internal enum MessageError : byte
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
