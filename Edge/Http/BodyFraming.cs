using System.Text;

namespace Edge.Http;

/// <summary>
/// How the end of a body is found (RFC 9112 §6). This is the only place where that is decided. A message that two readers could frame differently is
/// a <see cref="MessageError"/>.
/// </summary>
/// <param name="Kind">The rule.</param>
/// <param name="Bytes">The length if it is known, else 0.</param>
internal readonly record struct BodyFraming(BodyKind Kind, long Bytes)
{
    // 18 digits stay below 2^63.
    private const int LengthDigitsAtMost = 18;

    internal static readonly BodyFraming None = new(BodyKind.None, 0);

    /// <summary>The end is that of what carries it.</summary>
    internal static readonly BodyFraming UntilClose = new(BodyKind.UntilClose, 0);

    internal static MessageError OfRequest(ReadOnlySpan<byte> data, Head head, out BodyFraming framing)
    {
        MessageError refusal = OfFields(data, head, out framing);
        if (refusal != MessageError.None || framing.Kind != BodyKind.None)
        {
            return refusal;
        }

        // An HTTP/1.0 request without a length can have no body, or one that ends with the connection; nobody can tell which (RFC 1945 §8.3).
        bool needsLength = head.MinorVersion == 0 && head.Method is Method.Post or Method.Put && !head.Has(KnownField.ContentLength);
        return needsLength ? MessageError.LengthRequired : MessageError.None;
    }

    /// <param name="data">The bytes that the head was parsed from.</param>
    /// <param name="head">Of the response.</param>
    /// <param name="requestMethod">Of the request that it answers.</param>
    /// <param name="framing">Gets the result.</param>
    internal static MessageError OfResponse(ReadOnlySpan<byte> data, Head head, Method requestMethod, out BodyFraming framing)
    {
        MessageError refusal = OfFields(data, head, out framing);
        if (refusal != MessageError.None)
        {
            return refusal;
        }

        if (requestMethod == Method.Head || head.Status is < 200 or 204 or 304)
        {
            framing = None;
        }
        else if (framing.Kind == BodyKind.None && !head.Has(KnownField.ContentLength))
        {
            framing = UntilClose;
        }

        return MessageError.None;
    }

    private static MessageError OfFields(ReadOnlySpan<byte> data, Head head, out BodyFraming framing)
    {
        framing = None;
        if (head.Has(KnownField.TransferEncoding))
        {
            if (head.Has(KnownField.ContentLength))
            {
                return MessageError.LengthAndTransferEncoding;
            }

            if (head.MinorVersion == 0)
            {
                return MessageError.TransferEncodingInHttp10;
            }

            framing = new BodyFraming(BodyKind.Chunked, 0);
            return CheckTransferEncoding(data, head);
        }

        if (!head.TryGet(KnownField.ContentLength, out HeaderField field))
        {
            return MessageError.None;
        }

        if (head.IsRepeated(KnownField.ContentLength) || !TryParseLength(field.Value(data), out long bytes))
        {
            return MessageError.MalformedContentLength;
        }

        framing = bytes == 0 ? None : new BodyFraming(BodyKind.Length, bytes);
        return MessageError.None;
    }

    private static MessageError CheckTransferEncoding(ReadOnlySpan<byte> data, Head head)
    {
        head.TryGet(KnownField.TransferEncoding, out HeaderField field);
        ReadOnlySpan<byte> value = field.Value(data);
        if (head.IsRepeated(KnownField.TransferEncoding))
        {
            return MessageError.MalformedTransferEncoding;
        }

        if (Ascii.EqualsIgnoreCase(value, "chunked"u8))
        {
            return MessageError.None;
        }

        // A coding before chunked is well formed, but not known here (501). If chunked is not the last coding, the length cannot be told at all
        // (400).
        int comma = value.LastIndexOf((byte)',');
        bool chunkedLast = comma > 0 && Ascii.EqualsIgnoreCase(value[(comma + 1)..].Trim(" \t"u8), "chunked"u8)
            && HeadScan.IsToken(value[..comma].Trim(" \t"u8)) && !Ascii.EqualsIgnoreCase(value[..comma].Trim(" \t"u8), "chunked"u8);
        return chunkedLast ? MessageError.UnsupportedTransferEncoding : MessageError.MalformedTransferEncoding;
    }

    // Only digits: no sign, space, list or hexadecimal number.
    private static bool TryParseLength(ReadOnlySpan<byte> value, out long bytes)
    {
        bytes = 0;
        if (value.IsEmpty || value.Length > LengthDigitsAtMost)
        {
            return false;
        }

        foreach (byte digit in value)
        {
            if (!char.IsAsciiDigit((char)digit))
            {
                return false;
            }

            bytes = bytes * 10 + digit - '0';
        }

        return true;
    }
}
