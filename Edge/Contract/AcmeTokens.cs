using System.Text;

namespace Edge.Contract;

/// <summary>
/// What a certificate authority asks for over plain HTTP, to see that a name leads to this process (RFC 8555 §8.3): paths, and what they answer. The
/// control plane puts them in while it waits for the authority; loops look paths up. Immutable inside, swapped whole. From any thread.
/// </summary>
internal sealed class AcmeTokens
{
    private const string Prefix = "/.well-known/acme-challenge/";

    private readonly Lock _change = new();
    private (byte[] Path, byte[] Answer)[] _all = [];

    /// <summary>How many there are.</summary>
    internal int Count => Volatile.Read(ref _all).Length;

    /// <summary>Whether a path may be one of them; most requests need no more than this.</summary>
    internal static bool MayOwn(ReadOnlySpan<byte> pathAndQuery) => pathAndQuery.Length > Prefix.Length && pathAndQuery[1] == '.';

    /// <summary>The answer for a path without its query; null for a path that is somebody else's, even below the same folder. Does not allocate.</summary>
    internal byte[]? Find(ReadOnlySpan<byte> path)
    {
        foreach ((byte[] one, byte[] answer) in Volatile.Read(ref _all))
        {
            if (path.SequenceEqual(one))
            {
                return answer;
            }
        }

        return null;
    }

    /// <summary>Puts a token in.</summary>
    /// <param name="token">The authority's, of base64url characters.</param>
    /// <param name="answer">The key authorization (RFC 8555 §8.1).</param>
    internal void Put(string token, string answer)
    {
        lock (_change)
        {
            byte[] path = PathOf(token);
            Volatile.Write(ref _all, [.. _all.Where(one => !one.Path.AsSpan().SequenceEqual(path)), (path, Encoding.ASCII.GetBytes(answer))]);
        }
    }

    /// <summary>Takes a token out.</summary>
    internal void Remove(string token)
    {
        lock (_change)
        {
            byte[] path = PathOf(token);
            Volatile.Write(ref _all, [.. _all.Where(one => !one.Path.AsSpan().SequenceEqual(path))]);
        }
    }

    private static byte[] PathOf(string token) => Encoding.ASCII.GetBytes(Prefix + token);
}
