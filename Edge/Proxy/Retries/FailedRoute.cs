using System.Buffers;
using Edge.Config;

namespace Edge.Proxy;

/// <summary>
/// The page of a request, to tell whether a replica fails or only one of its pages: the first part of the path that is neither <c>api</c> nor a
/// version (<c>v1</c>). <c>/item/1</c> and <c>/item/2</c> are one page, because an id mostly follows the first part. All first parts that look like
/// an id are one page, too. A mistake takes two pages for one, and the replica stays in rotation for its health checks to decide; the opposite
/// mistake would eject healthy replicas.
/// </summary>
internal static class FailedRoute
{
    /// <summary>The page of all first parts that look like an id.</summary>
    internal const long Id = 1;

    private static readonly SearchValues<byte> s_ofVersions = SearchValues.Create("0123456789."u8);
    private static readonly SearchValues<byte> s_ofIds = SearchValues.Create("0123456789-%"u8);

    /// <summary>A number for the page of a request; 0 only for an empty head.</summary>
    /// <param name="head">As it is sent to the replica, from its method on.</param>
    internal static long Of(ReadOnlySpan<byte> head)
    {
        if (head.IsEmpty)
        {
            return 0;
        }

        ReadOnlySpan<byte> rest = head[(head.IndexOf((byte)' ') + 1)..];
        while (true)
        {
            rest = rest.TrimStart((byte)'/');
            int end = rest.IndexOfAny(" /?;\r"u8);
            ReadOnlySpan<byte> part = end < 0 ? rest : rest[..end];
            bool isLast = end < 0 || rest[end] != '/' || rest.Length == end + 1 || rest[end + 1] is (byte)' ' or (byte)'?';
            if (isLast || !IsPrefix(part))
            {
                return LooksLikeId(part) ? Id : Hash(part);
            }

            rest = rest[end..];
        }
    }

    private static bool IsPrefix(ReadOnlySpan<byte> part) =>
        part.SequenceEqual("api"u8) || (part.Length > 1 && part[0] == 'v' && part[1..].IndexOfAnyExcept(s_ofVersions) < 0);

    private static bool LooksLikeId(ReadOnlySpan<byte> part) =>
        part.Length > Limits.RouteWordBytes || part.IndexOfAny(s_ofIds) >= 0;

    // FNV-1a; 0 and Id have other meanings.
    private static long Hash(ReadOnlySpan<byte> part)
    {
        ulong hash = 14695981039346656037;
        foreach (byte b in part)
        {
            hash = (hash ^ b) * 1099511628211;
        }

        return (long)(hash | 2);
    }
}
