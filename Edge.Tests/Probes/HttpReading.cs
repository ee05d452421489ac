using System.Globalization;

namespace Edge.Tests.Probes;

/// <summary>A message as its bytes are to be understood, read by plain text operations that share nothing with Edge.</summary>
/// <param name="StartLine">Its first line.</param>
/// <param name="Fields">Names as they came and values without white space around.</param>
/// <param name="Body">Without its chunks' framing.</param>
/// <param name="Trailers">As the fields.</param>
/// <param name="IsWhole">The end of the body was there.</param>
internal sealed record HttpReading(
    string StartLine, (string Name, string Value)[] Fields, string Body, (string Name, string Value)[] Trailers, bool IsWhole)
{
    /// <summary>The status of a response; 0 where there is none.</summary>
    internal int Status => StartLine.Split(' ') is [_, { Length: 3 } status, ..] && int.TryParse(status, out int number) ? number : 0;

    /// <summary>Method and target of a request.</summary>
    internal string Asked => StartLine.LastIndexOf(' ') is > 0 and int end ? StartLine[..end] : StartLine;

    internal bool IsFinal => Status is 0 or 101 or >= 200;

    /// <summary>Reads one request that is whole.</summary>
    internal static HttpReading Request(string text)
    {
        int at = 0;
        return Read(text, ref at, isEnded: false, bodiless: false, isResponse: false);
    }

    /// <summary>Reads the responses that a client got.</summary>
    /// <param name="text">All of it.</param>
    /// <param name="isEnded">The connection has ended behind it.</param>
    /// <param name="toHead">They answer HEAD.</param>
    internal static HttpReading[] Responses(string text, bool isEnded, bool toHead)
    {
        var all = new List<HttpReading>();
        for (int at = 0; at < text.Length;)
        {
            all.Add(Read(text, ref at, isEnded, toHead, isResponse: true));
        }

        return [.. all];
    }

    private static HttpReading Read(string text, ref int at, bool isEnded, bool bodiless, bool isResponse)
    {
        int end = text.IndexOf("\r\n\r\n", at, StringComparison.Ordinal);
        if (end < 0)
        {
            string rest = text[at..];
            at = text.Length;
            return new HttpReading(rest.Split("\r\n")[0], [], "", [], IsWhole: false);
        }

        string[] lines = text[at..end].Split("\r\n");
        at = end + 4;
        var head = new HttpReading(lines[0], FieldsOf(lines[1..]), "", [], IsWhole: true);
        if (bodiless || (isResponse && head.Status is 204 or 304 or (>= 100 and < 200)))
        {
            return head;
        }

        if (head.Values("Transfer-Encoding") is [.., var coding] && coding.Equals("chunked", StringComparison.OrdinalIgnoreCase))
        {
            return Chunks(head, text, ref at);
        }

        bool isKnown = int.TryParse(head.Values("Content-Length").FirstOrDefault(), out int length);
        length = isKnown ? length : isResponse ? int.MaxValue : 0;
        int available = Math.Min(length, text.Length - at);
        at += available;
        return head with { Body = text.Substring(at - available, available), IsWhole = isKnown || !isResponse ? available == length : isEnded };
    }

    internal string[] Values(string name) => [.. Fields.Where(f => f.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(f => f.Value)];

    private static HttpReading Chunks(HttpReading head, string text, ref int at)
    {
        string body = "";
        while (true)
        {
            int end = text.IndexOf("\r\n", at, StringComparison.Ordinal);
            bool isSize = end >= 0 && int.TryParse(text[at..end].Split(';')[0], NumberStyles.AllowHexSpecifier, null, out _);
            int size = isSize ? int.Parse(text[at..end].Split(';')[0], NumberStyles.AllowHexSpecifier) : 0;
            if (!isSize || end + 2 + size + 2 > text.Length)
            {
                at = text.Length;
                return head with { Body = body, IsWhole = false };
            }

            at = end + 2;
            if (size == 0)
            {
                return WithTrailers(head with { Body = body }, text, ref at);
            }

            body += text.Substring(at, size);
            at += size + 2;
        }
    }

    private static HttpReading WithTrailers(HttpReading message, string text, ref int at)
    {
        var lines = new List<string>();
        while (true)
        {
            int end = text.IndexOf("\r\n", at, StringComparison.Ordinal);
            if (end < 0)
            {
                at = text.Length;
                return message with { IsWhole = false };
            }

            string line = text[at..end];
            at = end + 2;
            if (line.Length == 0)
            {
                return message with { Trailers = FieldsOf(lines) };
            }

            lines.Add(line);
        }
    }

    private static (string Name, string Value)[] FieldsOf(IEnumerable<string> lines) =>
        [.. lines.Select(l => l.IndexOf(':') is >= 0 and int colon ? (l[..colon], l[(colon + 1)..].Trim(' ', '\t')) : (l, ""))];
}
