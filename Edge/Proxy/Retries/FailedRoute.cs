using System.Buffers;
using Edge.Config;

namespace Edge.Proxy;

/// <summary>
/// Tells what two requests asked for apart, as far as that says whether it is the replica that fails or one of its pages: by the first
/// part of the path that is neither <c>api</c> nor a version (<c>v1</c>). <c>/item/1</c> and <c>/item/2</c> are the same, since what follows
/// the first part is mostly an id; so are all first parts that look like one. Where it is wrong it takes two routes for one, and
/// the replica stays in for its health checks to judge; the other mistake would take replicas out that are well.
/// </summary>
internal static class FailedRoute
{
    /// <summary>Of all first parts that look like an id.</summary>
    internal const long Id = 1;

    private static readonly SearchValues<byte> s_ofVersions = SearchValues.Create("0123456789."u8);
    private static readonly SearchValues<byte> s_ofIds = SearchValues.Create("0123456789-%"u8);

    /// <summary>A number for what a request's head asks for; never 0 but for an empty head.</summary>
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

    // FNV-1a; 0 and Id mean something else.
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
