using System.Net;

namespace Edge.Proxy;

/// <summary>A request for one of the balancer's own paths, whole and off the loop, for whoever answers it on a thread of its own.</summary>
/// <param name="Method">As sent, case-sensitive.</param>
/// <param name="Path">Without the query.</param>
/// <param name="Query">Behind the question mark, or empty.</param>
/// <param name="Authorization">The field's value; null where it is absent.</param>
/// <param name="Host">The Host field's value.</param>
/// <param name="Peer">The address at the other end of the socket, or whom a trusted proxy names by the PROXY protocol; never one from a header field.</param>
/// <param name="Body">At most <see cref="Options.Limits.ControlBodyBytes"/>; a larger one is answered 413 before it gets here.</param>
internal sealed record LocalRequest(
    string Method,
    string Path,
    string Query,
    string? Authorization,
    string Host,
    IPAddress Peer,
    ReadOnlyMemory<byte> Body)
{
    /// <summary>Every header field, as sent, one character a byte.</summary>
    internal IReadOnlyList<KeyValuePair<string, string>> Fields { get; init; } = [];

    /// <summary>The connection was passed on by a proxy, by the PROXY protocol: its peer is not on this machine, whatever its address.</summary>
    internal bool IsProxied { get; init; }
}

/// <summary>The answer to a <see cref="LocalRequest"/>; Content-Length, Date and Connection are added by the loop.</summary>
/// <param name="Status">A final status, 200 to 599.</param>
/// <param name="Body">May be empty.</param>
/// <param name="Fields">Further header fields, Content-Type among them; names and values ASCII without control characters.</param>
internal sealed record LocalResponse(
    int Status,
    ReadOnlyMemory<byte> Body,
    IReadOnlyList<KeyValuePair<string, string>> Fields)
{
    /// <summary>The body where it has no known end; null where <see cref="Body"/> is all.</summary>
    internal LocalStream? Stream { get; init; }
}

/// <summary>A body that comes piece by piece.</summary>
/// <param name="Next">Waits for the next piece, at most <see cref="Options.Limits.OwnPieceBytes"/>; an empty one is the end. Never called twice at a time. Must not throw.</param>
/// <param name="Abandon">Nobody wants more; a wait for the next piece ends. May be called more than once, from any thread.</param>
internal sealed record LocalStream(Func<ValueTask<ReadOnlyMemory<byte>>> Next, Action Abandon);

/// <summary>Answers requests for the balancer's own paths. Must not throw: what goes wrong is an answer, too.</summary>
internal delegate Task<LocalResponse> LocalHandler(LocalRequest request);
