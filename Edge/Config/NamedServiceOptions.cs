using System.Net;

namespace Edge.Config;

/// <summary>The options of one service beside the default one: those of every service, and the hosts and paths whose requests are for it.</summary>
internal sealed record NamedServiceOptions : ServiceOptions
{
    /// <summary>As in the keys, in lower case.</summary>
    internal string Name { get; init; } = "";

    /// <summary>Whether a source says how many replicas it has, even if it is the default.</summary>
    internal bool SaysReplicas { get; init; }

    /// <summary>Whether labels of containers name it, and no option.</summary>
    internal bool IsFromLabels { get; init; }

    /// <summary>See <see cref="OptionValues.ParseHost"/>. None is every host.</summary>
    public string[] Hosts { get; set; } = [];

    /// <summary>See <see cref="OptionValues.ParsePath"/>. None is every path.</summary>
    public string[] Paths { get; set; } = [];

    /// <summary>Whether its replicas get requests without the path that led to it.</summary>
    public bool Strip { get; set; }

    /// <summary>Other names, which lead to the first of <see cref="Hosts"/>. See <see cref="OptionValues.ParseHost"/>.</summary>
    public string[] Redirect { get; set; } = [];

    /// <summary>The host that these lead to; null if there are none of these, or none that they could lead to.</summary>
    internal string? Canonical() =>
        Redirect.Length > 0 && Hosts.Length > 0 && OptionValues.ParseHost(Hosts[0]) is { } host && !host.StartsWith('*') ? host : null;

    /// <summary>Each of them with each path, in the form of the routes.</summary>
    internal IEnumerable<(string Host, string Path)> Redirected() => WithPaths(Redirect);

    /// <summary>Those of its hosts and other names that an authority can give certificates for by itself: names, and no wildcards and addresses.</summary>
    internal IEnumerable<string> CertificateHosts() =>
        Hosts.Concat(Redirect).Select(text => OptionValues.ParseHost(text)!).Where(host => AcmeOptions.IsHost(host) && !IPAddress.TryParse(host, out _));

    /// <summary>Each host with each path, in the form of the routes: hosts in lower case, paths without a slash at the end.</summary>
    internal IEnumerable<(string Host, string Path)> Routes() => Hosts.Length == 0 ? WithPaths([""]) : WithPaths(Hosts);

    // An empty one is every host.
    private IEnumerable<(string Host, string Path)> WithPaths(string[] hosts) =>
        from host in hosts
        from path in Paths.Length == 0 ? [""] : Paths.Select(text => OptionValues.ParsePath(text)!)
        select (host.Length == 0 ? "" : OptionValues.ParseHost(host)!, path);
}
