using Edge.Config;
using Edge.Http;

namespace Edge.Proxy;

/// <summary>The limits of one client connection, in the units of the loops; 0 is no limit, if that is allowed.</summary>
internal sealed class ClientLimits(LimitOptions limits, TimeoutOptions timeouts)
{
    private const int BytesPerKiB = 1024;

    /// <summary>Bytes of a request's head, 431 beyond; at most <see cref="Limits.HeadBytes"/>.</summary>
    internal readonly int HeadBytes = limits.HeadBytes;

    /// <summary>Header fields of a request, 431 beyond; at most <see cref="Limits.HeaderFields"/>.</summary>
    internal readonly int HeaderFields = limits.HeaderFields;

    /// <summary>Bytes of a request's target, 414 beyond; at most <see cref="Limits.TargetBytes"/>.</summary>
    internal readonly int TargetBytes = limits.TargetBytes;

    /// <summary>Bytes of a request's body without its chunk framing, 413 beyond; 0 for no limit.</summary>
    internal readonly long BodyBytes = (long)limits.BodyKiB * BytesPerKiB;

    /// <summary>Bytes a second that a request's body must have, on average since its head, 408 below; 0 for no limit.</summary>
    internal readonly int BodyBytesPerSecond = limits.BodyBytesPerSecond;

    /// <summary>Milliseconds that a body may take before <see cref="BodyBytesPerSecond"/> counts.</summary>
    internal readonly long BodyGrace = (long)timeouts.BodyGrace.TotalMilliseconds;

    /// <summary>Requests of one connection: the last response says that it closes; 0 for no limit.</summary>
    internal readonly int RequestsPerConnection = limits.RequestsPerConnection;

    /// <summary>
    /// Requests in a row that were sent before the response to the one before: the response to the last one says that the connection closes; 0 for no
    /// limit.
    /// </summary>
    internal readonly int Pipelined = limits.Pipelined;

    /// <summary>Applies the limits of a head to the parser's result, so that it does not depend on how the bytes were split.</summary>
    /// <param name="parsed">The parser's result; the parser's own limits are upper bounds of these.</param>
    /// <param name="data">From the first byte of the head.</param>
    /// <param name="head">Gets the reason if the head is refused.</param>
    internal ParseResult Bound(ParseResult parsed, ReadOnlySpan<byte> data, Head head)
    {
        if (parsed == ParseResult.Bad || (parsed == ParseResult.Partial && data.Length < HeadBytes))
        {
            return parsed;
        }

        MessageError refusal = TargetLength(data) > TargetBytes ? MessageError.TargetTooLong
            : parsed == ParseResult.Partial || head.Length > HeadBytes ? MessageError.HeadTooLarge
            : head.FieldCount > HeaderFields ? MessageError.TooManyFields
            : MessageError.None;
        if (refusal == MessageError.None)
        {
            return parsed;
        }

        head.MessageError = refusal;
        return ParseResult.Bad;
    }

    /// <summary>Whether a request is the last of its connection.</summary>
    /// <param name="served">The number of the request on its connection, from 1.</param>
    /// <param name="ahead">How many requests in a row, with this one, were sent before the response to the one before.</param>
    internal bool IsLast(int served, int ahead) =>
        (RequestsPerConnection > 0 && served >= RequestsPerConnection) || (Pipelined > 0 && ahead >= Pipelined);

    // Of a request line that may not have ended yet: from its first space to the next one, or to the end.
    private static int TargetLength(ReadOnlySpan<byte> data)
    {
        ReadOnlySpan<byte> behindMethod = data[(data.IndexOf((byte)' ') + 1)..];
        int end = behindMethod.IndexOf((byte)' ');
        return end < 0 ? behindMethod.Length : end;
    }
}
