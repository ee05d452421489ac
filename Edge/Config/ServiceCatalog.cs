namespace Edge.Config;

/// <summary>
/// The options of services beside the default one. Their keys are those of the default service with the service's name in them: what is
/// <c>Edge:Docker:Image</c> for the default service is <c>Edge:Services:shop:Docker:Image</c> for the service shop.
/// </summary>
internal static class ServiceCatalog
{
    /// <summary>The section of the services.</summary>
    internal const string ServicesSection = "Edge:Services";

    // What belongs to connections of clients, which are there before it is known what a request is for, or to the process.
    private static readonly string[] s_ofProcess =
    [
        ServicesSection, "Edge:Listen", "Edge:Loops", "Edge:IoUring", "Edge:User", "Edge:Control", "Edge:ProxyProtocol", "Edge:AccessLog", "Edge:Tls",
        "Edge:Timeouts:RequestHead", "Edge:Timeouts:TlsHandshake", "Edge:Timeouts:ClientIdle",
        "Edge:Overload:Connections", "Edge:Overload:ConnectionsPerClient", "Edge:Overload:Handshakes", "Edge:Overload:HandshakesPerClient",
        "Edge:Forwarding:TrustedProxies", "Edge:Forwarding:RequestId", "Edge:Forwarding:StartTraces", "Edge:Forwarding:Via",
        "Edge:Forwarding:ViaToReplicas", "Edge:Forwarding:Underscores", "Edge:Forwarding:ConnectStatus",
        "Edge:Limits:HeadBytes", "Edge:Limits:HeaderFields", "Edge:Limits:TargetBytes", "Edge:Limits:RequestsPerConnection", "Edge:Limits:Pipelined",
        "Edge:Upstream:Tls:Roots", "Edge:Upstream:Tls:Verify",
    ];

    // What a service does not take over from the default one: who its replicas are, and how they show that they are well.
    private static readonly string[] s_own =
    [
        "Edge:Hosts", "Edge:Paths", "Edge:Strip", "Edge:Redirect", "Edge:Answers:Redirects", "Edge:Fleet:Name", "Edge:Fleet:Driver",
        "Edge:Fleet:Replicas", "Edge:Fleet:Minimum", "Edge:Fleet:Maximum", "Edge:Fleet:Addresses", "Edge:Scale:Maximum", "Edge:Scale:Minimum", "Edge:Docker",
        "Edge:Health:Path", "Edge:Health:Host", "Edge:Health:Statuses", "Edge:Health:Off", "Edge:Upstream:Tls:ServerName", "Edge:Deploy:Smoke",
    ];

    /// <summary>
    /// What leads to a service; the default one has none of these. In the place of <c>Edge:Services:NAME</c> their keys have <c>Edge</c>.
    /// </summary>
    internal static IReadOnlyList<OptionEntry> Routes { get; } =
    [
        OptionsCatalog.List("Edge:Hosts", _ => [], "a host name, *. and a name for the names one level below it, or an address, without a port",
            "The hosts whose requests are for the service; none is every host.", text => OptionValues.ParseHost(text) is not null),
        OptionsCatalog.List("Edge:Paths", _ => [], "/ and segments without dots, percent signs and semicolons, as /api",
            "The paths whose requests, and those of all paths below, are for the service; none is every path. The longest one counts.",
            text => OptionValues.ParsePath(text) is not null),
        OptionsCatalog.Switch("Edge:Strip", _ => false, "Whether replicas get requests without the path that led to the service: /api/items as /items, "
            + "with X-Forwarded-Prefix: /api."),
        OptionsCatalog.List("Edge:Redirect", _ => [], "as of Edge:Hosts",
            "Other names, whose requests get 308 to the first of Edge:Hosts, which then is a name without a wildcard.",
            text => OptionValues.ParseHost(text) is not null),
    ];

    /// <summary>The options of a service, in the order of the documentation. The keys are those of the default service.</summary>
    internal static IReadOnlyList<OptionEntry> OfServices => field ??= [.. Routes, .. OptionsCatalog.All.Where(entry => !IsIn(s_ofProcess, entry.Key))];

    /// <summary>Whether a service that does not give the option has the value that the default service has, and not the product's default.</summary>
    internal static bool IsTakenOver(OptionEntry entry) => entry.Key == "Edge:Docker:Network" || !IsIn(s_own, entry.Key);

    /// <summary>Whether a path of the configuration is the section of one service, or below it.</summary>
    internal static bool IsService(string path) =>
        path.StartsWith(ServicesSection + ":", StringComparison.OrdinalIgnoreCase)
        && !path.Equals(OptionsCatalog.FromLabelsKey, StringComparison.OrdinalIgnoreCase);

    /// <summary>The key of a service's option.</summary>
    /// <param name="service">The service's name.</param>
    /// <param name="key">That of the default service.</param>
    internal static string KeyOf(string service, string key) => $"{ServicesSection}:{service}{key["Edge".Length..]}";

    private static bool IsIn(string[] keys, string key) => Array.Exists(keys, one => key == one || key.StartsWith(one + ":", StringComparison.Ordinal));
}
