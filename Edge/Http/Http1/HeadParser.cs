using System.Buffers;
using System.Runtime.CompilerServices;
using Edge.Config;

namespace Edge.Http;

/// <summary>
/// Reads the head of an HTTP/1.x message (RFC 9112 §2 to §5). Pure and without state: the same bytes give the same result, no matter how they were
/// split on the way.
/// </summary>
internal static class HeadParser
{
    private const int VersionBytes = 8;

    // Visible ASCII without '#': a target has no fragment (RFC 9112 §3.2), and every other byte must be percent-encoded.
    private static readonly SearchValues<byte> s_target = SearchValues.Create(
        [.. Enumerable.Range(0x21, 0x7E - 0x20).Where(b => b != '#').Select(b => (byte)b)]);

    /// <summary>Reads a request's head. Up to two empty lines before it are skipped (RFC 9112 §2.2).</summary>
    internal static ParseResult ParseRequest(ReadOnlySpan<byte> data, Head head)
    {
        head.Clear();
        int at = 0;
        for (int empty = 0; empty < 2 && at < data.Length && data[at] == '\r'; empty++)
        {
            if (at + 1 == data.Length)
            {
                return ParseResult.Partial;
            }

            if (data[at + 1] != '\n')
            {
                return Bad(head, MessageError.MalformedStartLine);
            }

            at += 2;
        }

        head.Start = at;
        ParseResult result = ParseRequestLine(data, ref at, head);
        return result == ParseResult.Complete ? ParseFields(data, at, head) : Bounded(result, data.Length, head);
    }

    /// <summary>Reads a response's head.</summary>
    internal static ParseResult ParseResponse(ReadOnlySpan<byte> data, Head head)
    {
        head.Clear();
        head.Start = 0;
        int at = 0;
        ParseResult result = ParseStatusLine(data, ref at, head);
        return result == ParseResult.Complete ? ParseFields(data, at, head) : Bounded(result, data.Length, head);
    }

    private static ParseResult ParseRequestLine(ReadOnlySpan<byte> data, ref int at, Head head)
    {
        ReadOnlySpan<byte> rest = data[at..];
        int methodLength = HeadScan.TokenEnd(rest);
        if ((methodLength < 0 ? rest.Length : methodLength) > Limits.MethodBytes)
        {
            return Bad(head, MessageError.MethodTooLong);
        }

        if (methodLength < 0)
        {
            return ParseResult.Partial;
        }

        if (methodLength == 0 || rest[methodLength] != ' ')
        {
            return Bad(head, MessageError.MalformedStartLine);
        }

        head.MethodLength = methodLength;
        head.Method = Methods.Named(rest[..methodLength]);
        rest = rest[(methodLength + 1)..];
        int targetLength = rest.IndexOfAnyExcept(s_target);
        if ((targetLength < 0 ? rest.Length : targetLength) > Limits.TargetBytes)
        {
            return Bad(head, MessageError.TargetTooLong);
        }

        if (targetLength < 0)
        {
            return ParseResult.Partial;
        }

        if (targetLength == 0 || rest[targetLength] != ' ')
        {
            // HTTP/0.9 has no version behind the target: its request line ends here.
            return Bad(head, rest[targetLength] is (byte)'\r' or (byte)'\n' ? MessageError.MalformedStartLine : MessageError.MalformedTarget);
        }

        head.TargetStart = at + methodLength + 1;
        head.TargetLength = targetLength;
        at = head.TargetStart + targetLength + 1;
        ParseResult result = ParseVersion(data[at..], head);
        if (result != ParseResult.Complete)
        {
            return result;
        }

        at += VersionBytes;
        return ParseLineEnd(data, ref at, head, MessageError.MalformedStartLine);
    }

    // "HTTP/1.1" or "HTTP/1.0". A prefix of that is partial; another digit is another version.
    private static ParseResult ParseVersion(ReadOnlySpan<byte> rest, Head head)
    {
        ReadOnlySpan<byte> name = "HTTP/"u8;
        int common = Math.Min(name.Length, rest.Length);
        if (!rest[..common].SequenceEqual(name[..common]))
        {
            return Bad(head, MessageError.MalformedStartLine);
        }

        if (rest.Length >= VersionBytes)
        {
            if (rest[5] == '1' && rest[6] == '.' && rest[7] is (byte)'0' or (byte)'1')
            {
                head.MinorVersion = rest[7] - '0';
                return ParseResult.Complete;
            }

            bool wellFormed = char.IsAsciiDigit((char)rest[5]) && rest[6] == '.' && char.IsAsciiDigit((char)rest[7]);
            return Bad(head, wellFormed ? MessageError.UnsupportedVersion : MessageError.MalformedStartLine);
        }

        bool right = (rest.Length < 6 || char.IsAsciiDigit((char)rest[5])) && (rest.Length < 7 || rest[6] == '.');
        return right ? ParseResult.Partial : Bad(head, MessageError.MalformedStartLine);
    }

    private static ParseResult ParseStatusLine(ReadOnlySpan<byte> data, ref int at, Head head)
    {
        ParseResult result = ParseVersion(data, head);
        if (result != ParseResult.Complete)
        {
            return result;
        }

        // Space, three digits, space, reason. The last space is often left out together with an empty reason.
        ReadOnlySpan<byte> rest = data[VersionBytes..];
        for (int i = 0; i < 4; i++)
        {
            if (i == rest.Length)
            {
                return ParseResult.Partial;
            }

            if (i == 0 ? rest[i] != ' ' : !char.IsAsciiDigit((char)rest[i]))
            {
                return Bad(head, MessageError.MalformedStartLine);
            }
        }

        head.Status = (rest[1] - '0') * 100 + (rest[2] - '0') * 10 + rest[3] - '0';
        if (head.Status is < 100 or > 599)
        {
            // There is no such class of status. It counts as a server's error (RFC 9110 §15), and the client gets one.
            return Bad(head, MessageError.MalformedStartLine);
        }

        at = VersionBytes + 4;
        if (at == data.Length)
        {
            return ParseResult.Partial;
        }

        if (data[at] == ' ')
        {
            at++;
        }
        else if (data[at] != '\r')
        {
            return Bad(head, MessageError.MalformedStartLine);
        }

        head.ReasonStart = at;
        int reasonLength = HeadScan.ControlStart(data[at..]);
        if (reasonLength < 0)
        {
            return ParseResult.Partial;
        }

        head.ReasonLength = reasonLength;
        at += reasonLength;
        return ParseLineEnd(data, ref at, head, MessageError.MalformedStartLine);
    }

    // Only CRLF: readers differ about a bare LF or CR (RFC 9112 §2.2).
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ParseResult ParseLineEnd(ReadOnlySpan<byte> data, ref int at, Head head, MessageError refusal)
    {
        if (at + 1 < data.Length && data[at] == '\r' && data[at + 1] == '\n')
        {
            at += 2;
            return ParseResult.Complete;
        }

        return ParseOtherEnd(data, at, head, refusal);
    }

    private static ParseResult ParseOtherEnd(ReadOnlySpan<byte> data, int at, Head head, MessageError refusal)
    {
        if (at == data.Length)
        {
            return ParseResult.Partial;
        }

        if (data[at] != '\r')
        {
            return Bad(head, refusal);
        }

        return at + 1 == data.Length ? ParseResult.Partial : Bad(head, refusal);
    }

    private static ParseResult ParseFields(ReadOnlySpan<byte> data, int at, Head head)
    {
        while (at < data.Length)
        {
            if (data[at] == '\r')
            {
                return ParseEnd(data, at, head);
            }

            ParseResult result = ParseField(data, ref at, head);
            if (result != ParseResult.Complete)
            {
                return Bounded(result, data.Length, head);
            }
        }

        return Bounded(ParseResult.Partial, data.Length, head);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ParseResult ParseEnd(ReadOnlySpan<byte> data, int at, Head head)
    {
        ParseResult result = ParseLineEnd(data, ref at, head, MessageError.MalformedField);
        if (result != ParseResult.Complete)
        {
            return Bounded(result, data.Length, head);
        }

        head.Length = at;
        return head.Length > Limits.HeadBytes ? Bad(head, MessageError.HeadTooLarge) : ParseResult.Complete;
    }

    private static ParseResult ParseField(ReadOnlySpan<byte> data, ref int at, Head head)
    {
        ReadOnlySpan<byte> rest = data[at..];
        int nameLength = HeadScan.TokenEnd(rest);
        if (nameLength < 0)
        {
            return ParseResult.Partial;
        }

        // No name, a folded line (obs-fold), or white space before the colon: RFC 9112 §5.1, §5.2.
        if (nameLength == 0 || rest[nameLength] != ':')
        {
            return Bad(head, MessageError.MalformedField);
        }

        int valueStart = nameLength + 1;
        while (valueStart < rest.Length && (rest[valueStart] == ' ' || rest[valueStart] == '\t'))
        {
            valueStart++;
        }

        int valueLength = HeadScan.ControlStart(rest[valueStart..]);
        if (valueLength < 0)
        {
            return ParseResult.Partial;
        }

        int end = at + valueStart + valueLength;
        ParseResult ended = ParseLineEnd(data, ref end, head, MessageError.MalformedField);
        if (ended != ParseResult.Complete)
        {
            return ended;
        }

        while (valueLength > 0 && (rest[valueStart + valueLength - 1] == ' ' || rest[valueStart + valueLength - 1] == '\t'))
        {
            valueLength--;
        }

        if (!head.TryAdd(at, nameLength, at + valueStart, valueLength, end, KnownNames.Field(rest[..nameLength])))
        {
            return Bad(head, MessageError.TooManyFields);
        }

        at = end;
        return ParseResult.Complete;
    }

    // A head that is still partial at the limit will never be complete within it.
    private static ParseResult Bounded(ParseResult result, int length, Head head) =>
        result == ParseResult.Partial && length >= Limits.HeadBytes ? Bad(head, MessageError.HeadTooLarge) : result;

    private static ParseResult Bad(Head head, MessageError refusal)
    {
        head.MessageError = refusal;
        return ParseResult.Bad;
    }
}
