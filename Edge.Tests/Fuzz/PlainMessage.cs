using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Edge.Tests.Fuzz;

internal enum Reading
{
    /// <summary>The message is there to its end.</summary>
    Whole,

    /// <summary>Right so far, and it goes on.</summary>
    Partial,

    /// <summary>Not a message that all readers would read in the same way.</summary>
    Bad,
}

/// <summary>
/// A message as a plain reader takes it: with strings, line by line, as RFC 9112 writes it down. Shares nothing with what it
/// is compared to. It has no limits, and where the RFC leaves a choice it accepts all that a reader may accept. So it has
/// to accept what Edge accepts, and to read it in the same way.
/// </summary>
internal sealed partial record PlainMessage
{
    internal Reading Reading { get; init; }

    /// <summary>Whether the empty line behind the fields is there, and all before it was right.</summary>
    internal bool HasHead { get; init; }

    internal string Method { get; init; } = "";

    internal string Target { get; init; } = "";

    internal int Status { get; init; }

    internal int Minor { get; init; }

    internal IReadOnlyList<KeyValuePair<string, string>> Fields { get; init; } = [];

    /// <summary>The content, without the framing, as far as it is there.</summary>
    internal string Body { get; init; } = "";

    /// <summary>How the body ends: none, length, chunked or close.</summary>
    internal string Framing { get; init; } = "none";

    internal int HeadLength { get; init; }

    /// <summary>Of the whole message, or of what is there of it.</summary>
    internal int Length { get; init; }

    internal bool Has(string name) => Fields.Any(f => f.Key.Equals(name, StringComparison.OrdinalIgnoreCase));

    internal string[] All(string name) => [.. Fields.Where(f => f.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(f => f.Value)];

    internal static PlainMessage ReadRequest(string text) => Read(text, null);

    /// <param name="text">One character a byte.</param>
    /// <param name="requestMethod">Of the request that is answered.</param>
    internal static PlainMessage ReadResponse(string text, string requestMethod) => Read(text, requestMethod);

    /// <summary>All requests of a connection; the last may be partial or bad.</summary>
    internal static List<PlainMessage> ReadRequests(string text)
    {
        var all = new List<PlainMessage>();
        for (int at = 0; at < text.Length;)
        {
            PlainMessage request = ReadRequest(text[at..]);
            all.Add(request);
            if (request.Reading != Reading.Whole)
            {
                break;
            }

            at += request.Length;
        }

        return all;
    }

    /// <summary>All responses of a connection, interim ones too.</summary>
    /// <param name="text">One character a byte.</param>
    /// <param name="methods">Of the requests, in order; where there are more responses, of GET.</param>
    internal static List<PlainMessage> ReadResponses(string text, IReadOnlyList<string> methods)
    {
        var all = new List<PlainMessage>();
        for (int at = 0, final = 0; at < text.Length;)
        {
            PlainMessage response = ReadResponse(text[at..], final < methods.Count ? methods[final] : "GET");
            all.Add(response);
            if (response.Reading != Reading.Whole)
            {
                break;
            }

            final += response.Status >= 200 ? 1 : 0;
            at += response.Length;
        }

        return all;
    }

    private static PlainMessage Read(string text, string? requestMethod)
    {
        int start = 0;
        while (requestMethod is null && string.CompareOrdinal(text, start, "\r\n", 0, 2) == 0)
        {
            start += 2;
        }

        int end = text.IndexOf("\r\n\r\n", start, StringComparison.Ordinal);
        if (end < 0)
        {
            return new PlainMessage { Reading = Reading.Partial, Length = text.Length };
        }

        string[] lines = text[start..end].Split("\r\n");
        PlainMessage? message = requestMethod is null ? RequestLine(lines[0]) : StatusLine(lines[0]);
        var fields = new List<KeyValuePair<string, string>>();
        foreach (string line in lines[1..])
        {
            int colon = line.IndexOf(':');
            if (colon <= 0 || !line[..colon].All(IsTokenChar) || line.Any(IsControl))
            {
                return new PlainMessage { Reading = Reading.Bad };
            }

            fields.Add(new(line[..colon], line[(colon + 1)..].Trim(' ', '\t')));
        }

        if (message is null)
        {
            return new PlainMessage { Reading = Reading.Bad };
        }

        return WithBody(message with { Fields = fields, HeadLength = end + 4 }, text, requestMethod);
    }

    private static PlainMessage? RequestLine(string line)
    {
        string[] parts = line.Split(' ');
        bool right = parts is [{ Length: > 0 } method, { Length: > 0 } target, "HTTP/1.0" or "HTTP/1.1"]
            && method.All(IsTokenChar) && target.All(c => c is > ' ' and < '\x7f' and not '#');
        return right ? new PlainMessage { Method = parts[0], Target = parts[1], Minor = parts[2][^1] - '0' } : null;
    }

    private static PlainMessage? StatusLine(string line)
    {
        bool right = (line.StartsWith("HTTP/1.0 ", StringComparison.Ordinal) || line.StartsWith("HTTP/1.1 ", StringComparison.Ordinal))
            && line.Length >= 12 && line[9..12].All(char.IsAsciiDigit) && line[9] != '0'
            && (line.Length == 12 || line[12] == ' ') && !line.Any(IsControl);
        return right ? new PlainMessage { Status = int.Parse(line[9..12], CultureInfo.InvariantCulture), Minor = line[7] - '0' } : null;
    }

    private static PlainMessage WithBody(PlainMessage head, string text, string? requestMethod)
    {
        string[] codings = head.All("Transfer-Encoding"), lengths = head.All("Content-Length");
        long length = 0;
        bool sound = codings.Length switch
        {
            0 => lengths.Length == 0 || (lengths.Length == 1 && lengths[0].Length > 0 && lengths[0].All(char.IsAsciiDigit)
                && long.TryParse(lengths[0], NumberStyles.None, CultureInfo.InvariantCulture, out length)),
            1 => lengths.Length == 0 && head.Minor == 1 && codings[0].Equals("chunked", StringComparison.OrdinalIgnoreCase),
            _ => false,
        };
        int hosts = head.All("Host").Length;
        if (!sound || (requestMethod is null && hosts != 1 && (hosts > 1 || head.Minor == 1)))
        {
            return new PlainMessage { Reading = Reading.Bad };
        }

        head = head with { HasHead = true, Length = head.HeadLength };
        if (requestMethod is not null && (requestMethod == "HEAD" || head.Status is < 200 or 204 or 304))
        {
            return head;
        }

        string rest = text[head.HeadLength..];
        if (codings.Length == 1)
        {
            return ReadChunks(head with { Framing = "chunked" }, rest, isAnswer: requestMethod is not null);
        }

        if (lengths.Length == 0 && requestMethod is not null)
        {
            return head with { Framing = "close", Reading = Reading.Partial, Body = rest, Length = text.Length };
        }

        int there = (int)Math.Min(length, rest.Length);
        return head with
        {
            Framing = length > 0 ? "length" : "none",
            Reading = there == length ? Reading.Whole : Reading.Partial,
            Body = rest[..there],
            Length = head.HeadLength + there,
        };
    }

    private static PlainMessage ReadChunks(PlainMessage head, string rest, bool isAnswer)
    {
        var body = new StringBuilder();
        int at = 0;
        while (true)
        {
            int lineEnd = rest.IndexOf("\r\n", at, StringComparison.Ordinal);
            if (lineEnd < 0)
            {
                return Ended(Reading.Partial, rest.Length);
            }

            string line = rest[at..lineEnd];
            string digits = line.Split(';')[0];
            bool hasExtensions = line.Contains(';', StringComparison.Ordinal);
            if (hasExtensions || isAnswer)
            {
                // White space that only a recipient has to bear with (RFC 9112 §7.1.1, BWS); behind a size alone, what devices send.
                digits = digits.TrimEnd(' ', '\t');
            }

            if ((hasExtensions && !isAnswer && !Extensions().IsMatch(line[line.IndexOf(';')..])) || digits.Length == 0 || !digits.All(char.IsAsciiHexDigit)
                || line.Any(IsControl)
                || !long.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out long size) || size < 0)
            {
                return Ended(Reading.Bad, at);
            }

            at = lineEnd + 2;
            if (size == 0)
            {
                return ReadTrailers(head with { Body = body.ToString() }, rest, at);
            }

            int there = (int)Math.Min(size, rest.Length - at);
            body.Append(rest, at, there);
            at += there;
            if (rest.Length - at < 2)
            {
                return Ended(Reading.Partial, rest.Length);
            }

            if (rest[at] != '\r' || rest[at + 1] != '\n')
            {
                return Ended(Reading.Bad, at);
            }

            at += 2;
        }

        PlainMessage Ended(Reading reading, int taken) =>
            head with { Reading = reading, Body = body.ToString(), Length = head.HeadLength + taken };
    }

    private static PlainMessage ReadTrailers(PlainMessage message, string rest, int at)
    {
        while (true)
        {
            int lineEnd = rest.IndexOf("\r\n", at, StringComparison.Ordinal);
            if (lineEnd < 0)
            {
                return Ended(Reading.Partial, rest.Length);
            }

            string line = rest[at..lineEnd];
            at = lineEnd + 2;
            if (line.Length == 0)
            {
                return Ended(Reading.Whole, at);
            }

            int colon = line.IndexOf(':');
            if (colon <= 0 || !line[..colon].All(IsTokenChar) || line.Any(IsControl))
            {
                return Ended(Reading.Bad, at);
            }
        }

        PlainMessage Ended(Reading reading, int taken) => message with { Reading = reading, Length = message.HeadLength + taken };
    }

    // RFC 9112 §7.1.1.
    [GeneratedRegex("""^(?:[ \t]*;[ \t]*[\w!#$%&'*+.^`|~-]+(?:[ \t]*=[ \t]*(?:[\w!#$%&'*+.^`|~-]+|"(?:[^"\\]|\\.)*"))?)*$""", RegexOptions.ECMAScript)]
    private static partial Regex Extensions();

    // RFC 9110 §5.6.2.
    private static bool IsTokenChar(char c) => char.IsAsciiLetterOrDigit(c) || (c < 128 && "!#$%&'*+-.^_`|~".Contains(c));

    private static bool IsControl(char c) => c is (< ' ' and not '\t') or '\x7f';
}
