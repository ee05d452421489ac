using System.Text;

namespace Edge.Tests.Probes;

/// <summary>Makes up requests out of pieces of hosts and paths that are near the routes of <see cref="RouteServices"/>.</summary>
internal static class RouteRequests
{
    private static readonly string[] s_hosts =
    [
        "shop.example", "shop.example", "shop.example", "shop.example", "open.example",
        "a.shop.example", "www.shop.example", "other.example", "[2001:db8::1]", "[2001:db8:0:0:0:0:0:1]", "[::1]",
        "shop.example.org", "example", "*.shop.example", "%73hop.example", "shop%2eexample", "b.a.shop.example", "", "shop.example@other.example",
    ];

    private static readonly string[] s_tails = ["", "", "", "", ".", "..", ":80", ":", ".:443", ":x", " ", "%2e", "/", "\\", "\0", ", a"];

    private static readonly string[] s_paths =
    [
        "/", "/api", "/admin", "/panel", "/everywhere", "/six", "/x", "api", "admin", "panel", "//", ".", "..", "/.", "/..", "%2e", "%2E", "%2f", "%2F", "%5c",
        "%5C", "\\", ";", "/;", ";x=1", "%3b", "%00", "%61", "%c0%ae", "%c0%af", "%e0%80%af", "%e4", "?",
        "?/admin/panel", "*", "%", "%2", "#", "\0", " ", "\u00c0\u00af",
        "/admin/panel", "/api/..;/admin/panel",
    ];

    // Not HEAD: its answer has no body to read the service's name from.
    private static readonly string[] s_methods = ["GET", "GET", "GET", "GET", "GET", "OPTIONS", "DELETE", "CONNECT"];

    /// <summary>One whole head of a request that has no body.</summary>
    internal static string Next(Random random)
    {
        string method = Any(random, s_methods);
        var path = new StringBuilder(Any(random, ["", "/", "/", "/api", "/api", "/everywhere", "/admin/panel"]));
        for (int pieces = random.Next(5); pieces > 0; pieces--)
        {
            path.Append(Any(random, s_paths));
        }

        string target = random.Next(5) == 0 ? Any(random, ["http://", "HTTP://", "https://", "http:/", "ftp://"]) + Host(random) + path : path.ToString();
        var head = new StringBuilder($"{method} {target} HTTP/1.{(random.Next(8) == 0 ? 0 : 1)}\r\n");
        for (int hosts = random.Next(12) switch { 0 => 0, 1 => 2, _ => 1 }; hosts > 0; hosts--)
        {
            head.Append($"Host: {Host(random)}\r\n");
        }

        return head.Append("Connection: keep-alive\r\n\r\n").ToString();
    }

    private static string Host(Random random)
    {
        string host = Any(random, s_hosts) + Any(random, s_tails);
        return random.Next(4) == 0 ? host.ToUpperInvariant() : host;
    }

    private static string Any(Random random, string[] texts) => texts[random.Next(texts.Length)];
}
