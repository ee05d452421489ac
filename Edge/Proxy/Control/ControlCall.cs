using System.Net;

namespace Edge.Proxy;

/// <summary>A request for one of the balancer's own paths, whole and off the loop, for whoever answers it on a thread of its own.</summary>
/// <param name="Method">As sent, case-sensitive.</param>
/// <param name="Path">Without the query.</param>
/// <param name="Query">Behind the question mark, or empty.</param>
/// <param name="Authorization">The field's value; null where it is absent.</param>
/// <param name="Host">The Host field's value.</param>
/// <param name="Peer">The address at the other end of the socket, or whom a trusted proxy names by the PROXY protocol; never one from a header field.</param>
/// <param name="Body">At most <see cref="Config.Limits.ControlBodyBytes"/>; a larger one is answered 413 before it gets here.</param>
internal sealed record ControlCall(
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
