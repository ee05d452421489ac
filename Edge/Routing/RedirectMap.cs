using System.Text;

namespace Edge.Routing;

/// <summary>
/// Paths of a service whose requests are sent to other ones, by what the paths begin with. What may have two meanings is sent nowhere, and no path leads to
/// another host than the options name: two slashes at the beginning of a reference would begin a host (RFC 3986 §4.2). Immutable.
/// </summary>
internal sealed class RedirectMap
{
    // The longest path first.
    private readonly (byte[] From, string To)[] _all;

    /// <param name="redirects">
    /// Paths without a slash at their end, each once, empty for all paths; and for each a path that begins with one slash, or a whole URI without query.
    /// </param>
    internal RedirectMap(IEnumerable<(string From, string To)> redirects) =>
        _all = [.. redirects.OrderByDescending(one => one.From.Length).Select(one => (Encoding.ASCII.GetBytes(one.From), one.To))];

    /// <summary>Where a request is sent: a path, or a whole URI; null where it goes on to the service.</summary>
    /// <param name="pathAndQuery">The request's target in origin form, as the client sent it.</param>
    internal string? Find(ReadOnlySpan<byte> pathAndQuery)
    {
        ReadOnlySpan<byte> path = RoutePath.Of(pathAndQuery, out bool isPlain);
        if (path is [not (byte)'/', ..] || (!isPlain && RoutePath.IsAmbiguous(path)))
        {
            return null;
        }

        int found = IndexOf(path, cutsParameters: false, out int length);
        bool isOne = found >= 0 && (isPlain || found == IndexOf(path, cutsParameters: true, out _));
        return isOne ? Join(_all[found].To, pathAndQuery[length..]) : null;
    }

    private int IndexOf(ReadOnlySpan<byte> path, bool cutsParameters, out int length)
    {
        for (int i = 0; i < _all.Length; i++)
        {
            if (RoutePath.IsBelow(path, _all[i].From, cutsParameters, out length))
            {
                return i;
            }
        }

        length = 0;
        return -1;
    }

    // The rest of a path is empty, or begins with a slash.
    private static string Join(string to, ReadOnlySpan<byte> rest)
    {
        while (rest.StartsWith("//"u8))
        {
            rest = rest[1..];
        }

        bool hasPath = rest.Length > 0 && rest[0] == '/';
        return string.Concat(hasPath ? to.TrimEnd('/') : to, Encoding.ASCII.GetString(rest));
    }
}
