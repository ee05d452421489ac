using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Edge.Http;
using Edge.Options;

namespace Edge.Tests.Http;

/// <summary>
/// A chunked body read whole, line by line, as RFC 9112 §7.1 writes it down. Slow and plain, so that it can be seen to be
/// right; shares nothing with what it is compared to.
/// </summary>
internal static partial class NaiveChunks
{
    private static readonly string[] s_forbidden =
    [
        "host", "connection", "keep-alive", "proxy-connection", "te", "transfer-encoding", "upgrade", "content-length", "expect",
        "x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "forwarded", "authorization", "x-edge-replica",
        "http2-settings", "trailer", "max-forwards", "x-real-ip", "set-cookie", "content-encoding", "content-type", "content-range",
    ];

    /// <summary>End, Bad, or Framing for a body that is right so far, what was taken of it, and its content.</summary>
    internal static (ChunkPart Last, int Taken, string Content) Decode(byte[] data)
    {
        string text = Encoding.Latin1.GetString(data);
        var content = new StringBuilder();
        int at = 0;
        while (true)
        {
            string line = LineAt(text, at, out bool whole);
            if (!whole)
            {
                return (SizeLineStart().IsMatch(line) && IsShort(line) ? ChunkPart.Framing : ChunkPart.Bad, text.Length, content.ToString());
            }

            if (!SizeLine().IsMatch(line) || !IsShort(line))
            {
                return (ChunkPart.Bad, at, content.ToString());
            }

            at += line.Length;
            long size = long.Parse(line.Split(';', '\r')[0].TrimEnd(' ', '\t'), NumberStyles.AllowHexSpecifier);
            if (size == 0)
            {
                return Trailers(text, at, content.ToString());
            }

            int available = (int)Math.Min(size, text.Length - at);
            content.Append(text, at, available);
            at += available;
            string lineEnd = text.Substring(at, Math.Min(2, text.Length - at));
            if (available < size || lineEnd.Length < 2)
            {
                return ("\r\n".StartsWith(lineEnd, StringComparison.Ordinal) ? ChunkPart.Framing : ChunkPart.Bad, text.Length, content.ToString());
            }

            if (lineEnd != "\r\n")
            {
                return (ChunkPart.Bad, at, content.ToString());
            }

            at += 2;
        }
    }

    private static (ChunkPart Last, int Taken, string Content) Trailers(string text, int at, string content)
    {
        int counted = 0;
        while (true)
        {
            string line = LineAt(text, at, out bool whole);
            if (line == "\r\n")
            {
                return (ChunkPart.End, at + 2, content);
            }

            counted += line.TrimEnd('\n').Length;
            bool hasName = line.Contains(':');
            bool forbidden = hasName && s_forbidden.Contains(line.Split(':')[0], StringComparer.OrdinalIgnoreCase);
            bool right = whole ? Trailer().IsMatch(line) : line is "" or "\r" || TrailerStart().IsMatch(line);
            if (!right || forbidden || counted > Limits.TrailerBytes)
            {
                return (ChunkPart.Bad, at, content);
            }

            if (!whole)
            {
                return (ChunkPart.Framing, text.Length, content);
            }

            at += line.Length;
        }
    }

    // Up to the line feed, which is included, or the end.
    private static string LineAt(string text, int at, out bool whole)
    {
        int end = text.IndexOf('\n', at);
        whole = end >= 0;
        return whole ? text[at..(end + 1)] : text[at..];
    }

    // All but the first byte behind the size and the line feed; what has no extension is bounded by its digits.
    private static bool IsShort(string line) => line.IndexOfAny([';', ' ', '\t']) < 0 || line.TrimEnd('\n').Length - 1 <= Limits.ChunkLineBytes;

    [GeneratedRegex(@"\A[0-9A-Fa-f]{1,15}([\t ]*;[\t\x20-\x7E\x80-\xFF]*)?\r\n\z")]
    private static partial Regex SizeLine();

    [GeneratedRegex(@"\A([0-9A-Fa-f]{0,15}|[0-9A-Fa-f]{1,15}([\t ]+|([\t ]*;[\t\x20-\x7E\x80-\xFF]*)?\r?))\z")]
    private static partial Regex SizeLineStart();

    [GeneratedRegex(@"\A[!#$%&'*+\-.^_`|~0-9A-Za-z]+:[\t\x20-\x7E\x80-\xFF]*\r\n\z")]
    private static partial Regex Trailer();

    [GeneratedRegex(@"\A[!#$%&'*+\-.^_`|~0-9A-Za-z]+(:[\t\x20-\x7E\x80-\xFF]*\r?)?\z")]
    private static partial Regex TrailerStart();
}
