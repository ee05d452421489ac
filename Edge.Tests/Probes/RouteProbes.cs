namespace Edge.Tests.Probes;

/// <summary>Every way that we know of to spell the host or the path of one service so that a request reaches another one.</summary>
internal static class RouteProbes
{
    private const string Shop = "shop.example";
    private const string Open = "open.example";

    internal static RouteProbe[] All { get; } =
    [
        // Hosts.
        By("a host", Shop, "/x", "shop"),
        By("a host in capitals", "SHOP.EXAMPLE", "/x", "shop"),
        By("a host with a port", "shop.example:8080", "/x", "shop"),
        By("a host with an empty port", "shop.example:", "/x", "shop"),
        By("a host with a dot at its end", "shop.example.", "/x", "shop"),
        By("a host with a dot and a port", "shop.example.:443", "/x", "shop"),
        By("a host with two dots at its end", "shop.example..", "/x", RouteServices.Default),
        By("a host that begins with a dot", ".shop.example", "/x", RouteServices.Default),
        By("a host with an encoded letter", "%73hop.example", "/x", "shop"),
        By("a host with an encoded dot", "shop%2eexample%2E", "/x", "shop"),
        By("a host that is encoded twice", "%2573hop.example", "/x", RouteServices.Default),
        By("a host with a name before it", "xshop.example", "/x", RouteServices.Default),
        By("a host with a name behind it", "shop.example.org", "/x", RouteServices.Default),
        By("a name below a wildcard", "a.shop.example", "/x", "wild"),
        By("a name below a wildcard that has a route", "WWW.shop.example", "/x", "shop"),
        By("a name two levels below a wildcard", "a.b.shop.example", "/x", RouteServices.Default),
        By("an empty label below a wildcard", "a..shop.example", "/x", RouteServices.Default),
        By("an asterisk as a name", "*.shop.example", "/x", "wild"),
        By("an IPv6 address", "[2001:db8::1]", "/x", "six"),
        By("an IPv6 address in its long form, with a port", "[2001:0DB8:0:0:0:0:0.0.0.1]:80", "/six", "six"),
        By("another IPv6 address", "[2001:db8::1:1]", "/x", RouteServices.Default),
        By("a host of 253 bytes", new string('a', 240) + "." + Shop, "/x", "wild"),
        By("a host of 254 bytes, of which the last is a dot", new string('a', 240) + "." + Shop + ".", "/x", "wild"),
        By("a host of 254 bytes", new string('a', 241) + "." + Shop, "/x", RouteServices.Default),
        By("a host of 300 bytes", new string('a', 287) + "." + Shop, "/everywhere", "every"),
        Refused("a host of 301 bytes", $"GET /x HTTP/1.1|Host: {new string('a', 288)}.{Shop}||"),
        Refused("an empty host", "GET /x HTTP/1.1|Host: ||"),
        Refused("no host", "GET /x HTTP/1.1||"),
        Refused("two hosts", "GET /x HTTP/1.1|Host: shop.example|Host: other.example||"),
        Refused("two hosts, one of them empty", "GET /x HTTP/1.1|Host:|Host: shop.example||"),
        Refused("user information in the host", "GET /x HTTP/1.1|Host: other.example@shop.example||"),
        Refused("a path in the host", "GET /x HTTP/1.1|Host: shop.example/admin/panel||"),
        Refused("a NUL in the host", "GET /x HTTP/1.1|Host: shop.example\0.other||"),
        Refused("a list of hosts", "GET /x HTTP/1.1|Host: other.example, shop.example||"),
        new("no host in HTTP/1.0", "GET /x HTTP/1.0|Connection: keep-alive||", RouteServices.Default, "/x") { Host = "*" },
        By("a forged X-Forwarded-Host", Shop, "/x", "shop", "X-Forwarded-Host: a.shop.example|Forwarded: host=open.example|"),

        // The absolute form: its host counts.
        Absolute("absolute form against Host", "http://shop.example/x", "other.example", "shop", "/x", Shop),
        Absolute("absolute form away from Host", "http://other.example/x", Shop, RouteServices.Default, "/x", "other.example"),
        Absolute("absolute form to a protected path", "http://SHOP.example:1/admin/panel", "other.example", "", "403", ""),
        Absolute("absolute form without a path", "http://shop.example", "other.example", "shop", "/", Shop),
        Absolute("absolute form with a query alone", "http://shop.example?/admin/panel", "other.example", "shop", "/?/admin/panel", Shop),
        Absolute("absolute form with an encoded host", "http://a%2Eshop.example/x", Shop, "wild", "/x", "a%2Eshop.example"),
        Refused("absolute form with user information", "GET http://other.example@shop.example/x HTTP/1.1|Host: shop.example||"),
        Refused("absolute form with a backslash in the host", "GET http://other.example\\@shop.example/x HTTP/1.1|Host: shop.example||"),
        Refused("absolute form with an empty host", "GET http:///admin/panel HTTP/1.1|Host: shop.example||"),
        Refused("absolute form of https without TLS", "GET https://shop.example/x HTTP/1.1|Host: shop.example||", "421"),
        Refused("absolute form with two hosts", "GET http://shop.example/x HTTP/1.1|Host: a|Host: b||"),

        // Paths.
        By("a path", Shop, "/api/items", "api", sees: "/items"),
        By("a path alone", Shop, "/api", "api", sees: "/"),
        By("a path and a query", Shop, "/api?/../x", "api", sees: "/?/../x"),
        By("a longer name", Shop, "/apis", "shop"),
        By("a path in capitals", Shop, "/API/items", "shop"),
        By("an encoded path", Shop, "/%61%70i/items", "api", sees: "/items"),
        By("doubled slashes", Shop, "//api///items//", "api", sees: "/items//"),
        By("a path that begins a host behind the route", Shop, "/api//evil.example/x", "api", sees: "/evil.example/x"),
        By("a path that is encoded twice", Shop, "/%2561pi", "shop"),
        By("a dot file", Shop, "/api/.env", "api", sees: "/.env"),
        By("three dots", Shop, "/.../api", "shop"),
        By("a semicolon that changes nothing", Shop, "/api/a;b/c", "api", sees: "/a;b/c"),
        By("a path on every host", "other.example", "/everywhere/x", "every"),
        By("a host's own routes before those of every host", Shop, "/everywhere/x", "shop"),
        Denied("the protected path", "/admin/panel"),
        Denied("below the protected path", "/admin/panel/x?y"),
        Denied("the protected path with a slash at its end", "/admin/panel/"),
        Denied("the protected path with doubled slashes", "//admin////panel"),
        Denied("the protected path encoded", "/%61dmin/%70anel"),
        By("above the protected path", Shop, "/admin", "shop"),
        Two("a dot segment", "/x/./admin/panel"),
        Two("two dots", "/x/../admin/panel"),
        Two("two dots behind the path of a route", "/api/../admin/panel"),
        Two("two dots at the end", "/admin/panel/.."),
        Two("encoded dots", "/x/%2e%2E/admin/panel"),
        Two("a half encoded dot segment", "/x/.%2e/admin/panel"),
        Two("dots with a parameter", "/x/..;a=b/admin/panel"),
        Two("an encoded slash", "/admin%2Fpanel"),
        Two("an encoded slash in small letters", "/admin%2fpanel"),
        Two("an encoded backslash", "/admin%5Cpanel"),
        Two("an encoded backslash in small letters", "/admin%5cpanel"),
        Two("a backslash", "/admin\\panel"),
        Two("a backslash for the first slash", "/\\admin/panel"),
        Two("a parameter of the route's last segment", "/admin/panel;x"),
        Two("a parameter of a segment before it", "/admin;x=1/panel"),
        Two("an encoded semicolon", "/admin%3Bx/panel"),
        Two("an empty segment with a parameter", "/;x/admin/panel"),
        Two("several such segments", "//;a/;b/admin//;c/panel"),
        Two("an encoded NUL", "/admin%00/panel"),
        Two("an encoded NUL at the end", "/admin/panel%00"),
        Two("an overlong dot", "/x/%c0%ae%c0%ae/admin/panel"),
        Two("an overlong slash", "/admin%c0%afpanel"),
        Two("an overlong letter", "/%c1%a1dmin/panel"),
        Two("a slash in three bytes", "/admin%e0%80%afpanel"),
        Two("a slash in four bytes", "/admin%f0%80%80%afpanel"),
        Refused("a NUL in the path", "GET /admin\0/panel HTTP/1.1|Host: shop.example||"),
        Refused("an overlong slash that is not encoded", "GET /admin\u00c0\u00afpanel HTTP/1.1|Host: shop.example||"),
        Refused("a fragment", "GET /x#/admin/panel HTTP/1.1|Host: shop.example||"),
        Refused("a space", "GET /x /admin/panel HTTP/1.1|Host: shop.example||"),
        Refused("a tab", "GET /x\t/admin/panel HTTP/1.1|Host: shop.example||"),
        Refused("a path without a slash", "GET admin/panel HTTP/1.1|Host: shop.example||"),
        Refused("authority form", "GET shop.example:80 HTTP/1.1|Host: shop.example||"),
        By("a path as it came where no route has one", "a.shop.example", "/x/../%2e%2e/admin%2Fpanel\\;%00", "wild"),

        // A host on which only some paths lead to a service; what is left is the default service's, under no spelling the protected one.
        By("beside the routes of a host", Open, "/admin/panels", RouteServices.Default),
        Two("two dots on such a host", "/x/../admin/panel", Open),
        Two("a parameter on such a host", "/;/admin/panel", Open),
        Two("an encoded slash on such a host", "/admin%2Fpanel", Open),
        By("a path of every host on such a host", Open, "/everywhere", "every"),

        // Other forms of targets.
        new("an asterisk", "OPTIONS * HTTP/1.1|Host: shop.example||", "shop", "*") { Host = Shop },
        new("an asterisk on a host with paths alone", "OPTIONS * HTTP/1.1|Host: open.example||", RouteServices.Default, "*") { Host = Open },
        new("OPTIONS of a path", "OPTIONS /api HTTP/1.1|Host: shop.example||", "api", "/") { Host = Shop },
        Refused("an asterisk with GET", "GET * HTTP/1.1|Host: shop.example||"),
        Refused("CONNECT", "CONNECT shop.example:80 HTTP/1.1|Host: shop.example:80||", "405"),
        Refused("CONNECT with a path", "CONNECT /admin/panel HTTP/1.1|Host: shop.example||", "405"),
        new("the balancer's own path on a service's host", "GET /edge/status HTTP/1.1|Host: shop.example||", "shop", "/edge/status") { Host = Shop },
    ];

    private static RouteProbe By(string name, string host, string target, string service, string fields = "", string? sees = null) =>
        new(name, $"GET {target} HTTP/1.1|Host: {host}|{fields}|", service, sees ?? target) { Host = host };

    private static RouteProbe Absolute(string name, string target, string host, string service, string sees, string seen) =>
        new(name, $"GET {target} HTTP/1.1|Host: {host}||", service, sees) { Host = seen };

    private static RouteProbe Refused(string name, string sends, string status = "400") => new(name, sends, "", status);

    private static RouteProbe Denied(string name, string target) => Refused(name, $"GET {target} HTTP/1.1|Host: shop.example||", "403");

    private static RouteProbe Two(string name, string target, string host = Shop) => Refused(name, $"GET {target} HTTP/1.1|Host: {host}||");
}
