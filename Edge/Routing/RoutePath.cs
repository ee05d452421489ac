using System.Buffers;

namespace Edge.Routing;

/// <summary>
/// Compares the paths of requests with the paths of routes. An application may read a path in another way than it is written: it decodes <c>%61</c>
/// (RFC 3986 §6.2.2.2), merges slashes, removes dot segments (§5.2.4), and some take a backslash for a slash and cut a segment at a semicolon. So that no
/// request gets past a route in this way, what has one meaning is compared by its meaning, and what may have two is refused.
/// </summary>
internal static class RoutePath
{
    private static readonly SearchValues<byte> s_rare = SearchValues.Create("%\\;"u8);

    /// <summary>The part before the query.</summary>
    internal static ReadOnlySpan<byte> Of(ReadOnlySpan<byte> pathAndQuery)
    {
        int query = pathAndQuery.IndexOf((byte)'?');
        return query < 0 ? pathAndQuery : pathAndQuery[..query];
    }

    /// <summary>Whether the path is compared byte by byte: it says what it means.</summary>
    internal static bool IsPlain(ReadOnlySpan<byte> path) =>
        !path.ContainsAny(s_rare) && path.IndexOf("/."u8) < 0 && path.IndexOf("//"u8) < 0;

    /// <summary>
    /// Whether the path may mean two things: a segment of one or two dots, encoded or not, with a parameter or not; an encoded slash, backslash or NUL;
    /// a backslash.
    /// </summary>
    internal static bool IsAmbiguous(ReadOnlySpan<byte> path)
    {
        int dots = 0, others = 0;
        bool inParameter = false;
        for (int i = 0; i < path.Length;)
        {
            byte next = path[i];
            byte meant = Decode(path, ref i);
            if (meant is (byte)'\\' or 0 || (meant == '/' && next == '%'))
            {
                return true;
            }

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

    /// <summary>Whether a path that is not plain is below the path of a route.</summary>
    /// <param name="path">Of the request, and not ambiguous.</param>
    /// <param name="prefix">Of the route, not empty.</param>
    /// <param name="length">How many bytes of the request's path are that of the route.</param>
    /// <param name="isCut">Whether a semicolon follows, which some applications cut off: then it means two things.</param>
    internal static bool IsBelow(ReadOnlySpan<byte> path, ReadOnlySpan<byte> prefix, out int length, out bool isCut)
    {
        length = 0;
        isCut = false;
        int at = 0;
        foreach (byte wanted in prefix)
        {
            if (at == path.Length)
            {
                return false;
            }

            bool isSlash = path[at] == '/';
            if (Decode(path, ref at) != wanted)
            {
                return false;
            }

            while (isSlash && at < path.Length && path[at] == '/')
            {
                at++;
            }
        }

        int end = at;
        byte next = at == path.Length ? (byte)'/' : Decode(path, ref at);
        isCut = next == ';';
        if (!isCut && next != '/')
        {
            return false;
        }

        length = end;
        return true;
    }

    /// <summary>The byte that is meant at a place, which moves behind it. A percent sign that begins no code means itself.</summary>
    private static byte Decode(ReadOnlySpan<byte> path, ref int at)
    {
        byte first = path[at++];
        if (first != '%' || at + 1 >= path.Length)
        {
            return first;
        }

        int high = HexOf(path[at]), low = HexOf(path[at + 1]);
        if (high < 0 || low < 0)
        {
            return first;
        }

        at += 2;
        return (byte)(high << 4 | low);
    }

    private static int HexOf(byte digit) => digit switch
    {
        >= (byte)'0' and <= (byte)'9' => digit - '0',
        >= (byte)'a' and <= (byte)'f' => digit - 'a' + 10,
        >= (byte)'A' and <= (byte)'F' => digit - 'A' + 10,
        _ => -1,
    };
}
