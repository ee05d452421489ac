using Edge.Config;
using Edge.Routing;

namespace Edge.Tests.Probes;

/// <summary>
/// The services that attacks on routes are about. One of them takes requests of nobody, so that nothing may ever reach its replica.
/// </summary>
internal static class RouteServices
{
    /// <summary>The name of the default service, of which the options have none.</summary>
    internal const string Default = "main";

    /// <summary>The one whose replica nothing may reach.</summary>
    internal const string Protected = "admin";

    /// <summary>The services beside the default one, as options say them.</summary>
    internal static NamedServiceOptions[] All { get; } =
    [
        new() { Name = "shop", Hosts = ["Shop.example.", "www.shop.example"] },
        new() { Name = "api", Hosts = ["shop.example"], Paths = ["/api/"], Strip = true },
        new()
        {
            Name = Protected, Hosts = ["shop.example", "open.example"], Paths = ["/admin/panel"],
            Access = new AccessOptions { Allow = ["203.0.113.0/24"] },
        },
        new() { Name = "wild", Hosts = ["*.shop.example"] },
        new() { Name = "six", Hosts = ["[2001:DB8:0::1]"], Paths = ["/", "/six"] },
        new() { Name = "every", Paths = ["/everywhere"] },
    ];

    /// <summary>The routes that come of them; a service's number is its place in the list, from 1.</summary>
    internal static Route[] Routes { get; } =
        [.. All.SelectMany((service, i) => service.Routes().Select(route => new Route(route.Host, route.Path, i + 1, service.Strip)))];
}
