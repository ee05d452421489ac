using System.Numerics;
using System.Runtime.Intrinsics;

namespace Edge.Routing;

/// <summary>
/// Compares the paths of requests with the paths of routes. An application may read a path in another way than it is written: it decodes <c>%61</c>
/// (RFC 3986 §6.2.2.2), merges slashes, removes dot segments (§5.2.4), and some take a backslash for a slash and leave out what follows a semicolon in a
/// segment (§3.3). So that no request gets past a route in this way, what has one meaning is compared by its meaning, and what may have two is refused.
/// </summary>
internal static class RoutePath
{
    // The characters from a space on that have a meaning here, one bit each; letters in small, which most are, lie beyond.
    private const ulong Special =
        1UL << ('%' - ' ') | 1UL << ('.' - ' ') | 1UL << ('/' - ' ') | 1UL << (';' - ' ') | 1UL << ('?' - ' ') | 1UL << ('\\' - ' ');

    /// <summary>The part before the query.</summary>
    /// <param name="pathAndQuery">The target in origin form.</param>
    /// <param name="isPlain">
    /// Whether the path is compared byte by byte, because it says what it means: it has no percent sign, backslash or semicolon, and no segment that is empty
    /// or begins with a dot.
    /// </param>
    internal static ReadOnlySpan<byte> Of(ReadOnlySpan<byte> pathAndQuery, out bool isPlain)
    {
        if (pathAndQuery.Length >= Vector128<byte>.Count)
        {
            return OfLong(pathAndQuery, out isPlain);
        }

        isPlain = true;
        bool isBehindSlash = false;
        for (int at = 0; at < pathAndQuery.Length; at++)
        {
            uint place = (uint)pathAndQuery[at] - ' ';
            if (place >= 64 || (Special >> (int)place & 1) == 0)
            {
                isBehindSlash = false;
                continue;
            }

            byte special = pathAndQuery[at];
            if (special == '?')
            {
                return pathAndQuery[..at];
            }

            isPlain &= special is (byte)'/' or (byte)'.' && !isBehindSlash;
            isBehindSlash = special == '/';
        }

        return pathAndQuery;
    }

    // The same by sixteen bytes at a time, a bit for each: byte after byte it would take ten times as many instructions.
    private static ReadOnlySpan<byte> OfLong(ReadOnlySpan<byte> pathAndQuery, out bool isPlain)
    {
        isPlain = true;
        uint isBehindSlash = 0;
        for (int at = 0; ;)
        {
            var bytes = Vector128.Create(pathAndQuery[at..]);
            uint slashes = Vector128.Equals(bytes, Vector128.Create((byte)'/')).ExtractMostSignificantBits();
            uint dots = Vector128.Equals(bytes, Vector128.Create((byte)'.')).ExtractMostSignificantBits();
            uint queries = Vector128.Equals(bytes, Vector128.Create((byte)'?')).ExtractMostSignificantBits();
            uint odd = (Vector128.Equals(bytes, Vector128.Create((byte)'%')) | Vector128.Equals(bytes, Vector128.Create((byte)'\\'))
                | Vector128.Equals(bytes, Vector128.Create((byte)';'))).ExtractMostSignificantBits();
            odd |= (slashes << 1 | isBehindSlash) & (slashes | dots);
            if (queries != 0)
            {
                int end = BitOperations.TrailingZeroCount(queries);
                isPlain &= (odd & ((1u << end) - 1)) == 0;
                return pathAndQuery[..(at + end)];
            }

            isPlain &= odd == 0;

            // The last ones are read whole, and overlap those before.
            int next = Math.Min(at + Vector128<byte>.Count, pathAndQuery.Length - Vector128<byte>.Count);
            if (next == at)
            {
                return pathAndQuery;
            }

            isBehindSlash = slashes >> (next - at - 1) & 1;
            at = next;
        }
    }

    /// <summary>
    /// Whether the path may mean two things whatever the routes are: a segment of one or two dots, encoded or not, with a parameter or not; an encoded
    /// slash, backslash or NUL; a backslash; a character in more bytes of UTF-8 than it needs, which lenient decoders take for a dot or a slash
    /// (RFC 3629 §10).
    /// </summary>
    internal static bool IsAmbiguous(ReadOnlySpan<byte> path)
    {
        int dots = 0, others = 0;
        bool inParameter = false;
        byte before = 0;
        for (int i = 0; i < path.Length;)
        {
            byte next = path[i];
            byte meant = PercentCode.Next(path, ref i);
            if (meant is (byte)'\\' or 0 || (meant == '/' && next == '%') || IsOverlong(before, meant))
            {
                return true;
            }

            before = meant;
            if (meant == '/')
            {
                if (others == 0 && dots is 1 or 2)
                {
                    return true;
                }

                (dots, others, inParameter) = (0, 0, false);
            }
            else if (meant == ';')
            {
                inParameter = true;
            }
            else if (!inParameter)
            {
                _ = meant == '.' ? dots++ : others++;
            }
        }

        return others == 0 && dots is 1 or 2;
    }

    /// <summary>
    /// Whether a path that is not plain is the path of a route, or below it. Its encoded characters are decoded, and its empty segments do not count.
    /// </summary>
    /// <param name="path">Of the request, and not ambiguous.</param>
    /// <param name="prefix">Of the route; every path is below an empty one.</param>
    /// <param name="cutsParameters">Whether it is read as by an application that leaves out what follows a semicolon in a segment.</param>
    /// <param name="length">How many bytes of the request's path are that of the route.</param>
    internal static bool IsBelow(ReadOnlySpan<byte> path, ReadOnlySpan<byte> prefix, bool cutsParameters, out int length)
    {
        length = 0;
        int at = 0;
        foreach (byte wanted in prefix)
        {
            at = SkipParameter(path, at, cutsParameters);
            if (at == path.Length)
            {
                return false;
            }

            bool isSlash = path[at] == '/';
            if (PercentCode.Next(path, ref at) != wanted)
            {
                return false;
            }

            at = isSlash ? SkipEmptySegments(path, at, cutsParameters) : at;
        }

        int end = SkipParameter(path, at, cutsParameters);
        if (!prefix.IsEmpty && end < path.Length && path[end] != '/')
        {
            return false;
        }

        length = at;
        return true;
    }

    private static int SkipEmptySegments(ReadOnlySpan<byte> path, int at, bool cutsParameters)
    {
        while (true)
        {
            int next = SkipParameter(path, at, cutsParameters);
            if (next == path.Length || path[next] != '/')
            {
                return next;
            }

            at = next + 1;
        }
    }

    private static int SkipParameter(ReadOnlySpan<byte> path, int at, bool cutsParameters)
    {
        int behind = at;
        if (!cutsParameters || at == path.Length || PercentCode.Next(path, ref behind) != ';')
        {
            return at;
        }

        int slash = path[behind..].IndexOf((byte)'/');
        return slash < 0 ? path.Length : behind + slash;
    }

    // The second byte says so, but for the two first bytes that say it by themselves (RFC 3629 §4).
    private static bool IsOverlong(byte first, byte second) => first switch
    {
        0xC0 or 0xC1 => second is >= 0x80 and < 0xC0,
        0xE0 => second is >= 0x80 and < 0xA0,
        0xF0 => second is >= 0x80 and < 0x90,
        _ => false,
    };
}
