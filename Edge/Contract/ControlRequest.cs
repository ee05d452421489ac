using System.Net;

namespace Edge.Contract;

/// <summary>A request for one of the balancer's own paths, whole: the data plane has read it, and the control plane answers it.</summary>
/// <param name="Method">As sent, case-sensitive.</param>
/// <param name="Path">Without the query.</param>
/// <param name="Query">The text behind the question mark, or empty.</param>
/// <param name="Authorization">The field's value; null if it is absent or occurs more than once.</param>
/// <param name="Host">The Host field's value.</param>
/// <param name="Peer">
/// The address of the socket's peer, or the one that a trusted proxy names by the PROXY protocol; never one from a header field.
/// </param>
/// <param name="Body">At most <see cref="Config.Limits.ControlBodyBytes"/>; a larger one is answered 413 before it gets here.</param>
internal sealed record ControlRequest(
    string Method,
    string Path,
    string Query,
    string? Authorization,
    string Host,
    IPAddress Peer,
    ReadOnlyMemory<byte> Body)
{
    // Fields that proxies add. One of them is enough to show that the peer is a proxy.
    private static readonly string[] s_forwarding =
        ["Forwarded", "Via", "X-Real-IP", "X-Client-IP", "X-Cluster-Client-IP", "X-Original-For", "True-Client-IP", "CF-Connecting-IP"];

    /// <summary>Every header field, as sent, one character a byte.</summary>
    internal IReadOnlyList<KeyValuePair<string, string>> Fields { get; init; } = [];

    /// <summary>The connection began with a header of the PROXY protocol: the caller is not on this machine, whatever its address.</summary>
    internal bool IsProxied { get; init; }

    /// <summary>Whether the peer is a proxy, by the beginning of the connection or by a header field.</summary>
    internal bool IsForwarded => IsProxied || Fields.Any(f =>
        f.Key.StartsWith("X-Forwarded-", StringComparison.OrdinalIgnoreCase) || s_forwarding.Contains(f.Key, StringComparer.OrdinalIgnoreCase));

    /// <summary>The values of all fields with a name, in order.</summary>
    internal IEnumerable<string> All(string name) =>
        Fields.Where(f => f.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(f => f.Value);
}
