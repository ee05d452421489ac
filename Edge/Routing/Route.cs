namespace Edge.Routing;

/// <summary>What a <see cref="RouteMap"/> is made of: requests for a host and below a path are for one service.</summary>
/// <param name="Host">
/// In lower case and ASCII, without a port: a name, an address (IPv6 in brackets), <c>*.</c> and a name for the names one level below it, or empty for
/// every host.
/// </param>
/// <param name="Path">Without a slash at its end: <c>/api</c> has <c>/api</c> and all below <c>/api/</c>. Empty for all paths.</param>
/// <param name="Service">The number of the service.</param>
/// <param name="Strips">Whether the service gets requests without the path: <c>/api/items</c> as <c>/items</c>.</param>
/// <param name="Canonical">The host to which the requests are sent instead, where this one is another name of it; null for none.</param>
internal sealed record Route(string Host, string Path, int Service, bool Strips = false, string? Canonical = null)
{
    /// <summary>As in configurations: the host, then the path.</summary>
    public override string ToString() => $"{(Host.Length == 0 ? "*" : Host)}{Path}";
}
