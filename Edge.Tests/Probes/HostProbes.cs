using static Edge.Tests.Probes.Make;
using static Edge.Tests.Probes.Rank;

namespace Edge.Tests.Probes;

/// <summary>Host: RFC 9112 §3.2, RFC 9110 §7.2.</summary>
internal static class HostProbes
{
    internal static Probe[] All { get; } =
    [
        Good("a name", "example.org"), Good("a name with a port", "example.org:8080"), Good("a name with an empty port", "example.org:"),
        Good("an IPv4 address", "192.0.2.1"), Good("an IPv6 address", "[2001:db8::1]"), Good("an IPv6 address with a port", "[::1]:80"),
        Good("a name in capitals", "EXAMPLE.org"), Good("an encoded name", "ex%41mple.org"), Good("a name that begins encoded", "%65xample.org:80"),
            Good("an underscore", "a_b.example"), Good("a dot at the end", "example.org."),
        new("absolute form in HTTP/1.0 without Host", "9112 §3.2.1", Must, Demand.Forward)
        {
            Sends = Probe.Lines("GET http://h/ HTTP/1.0||"), Sees = [Probe.Seen("GET / HTTP/1.1|Host: h|")],
            Gets = OkGetsAndCloses, Closes = true,
        },
        Refused("no Host", "9112 §3.2", Must, 400, "GET / HTTP/1.1|A: b||"),
        Refused("no fields at all", "9112 §3.2", Must, 400, "GET / HTTP/1.1||"),
        Refused("two Hosts that differ", "9112 §3.2", Must, 400, "GET / HTTP/1.1|Host: a|Host: b||"),
        Refused("two Hosts that agree", "9112 §3.2", Must, 400, "GET / HTTP/1.1|Host: a|Host: a||"),
        Refused("two Hosts apart, in other letters", "9112 §3.2", Must, 400, "GET / HTTP/1.1|HOST: a|A: b|host: a||"),
        Refused("two Hosts in HTTP/1.0", "9112 §3.2", Must, 400, "GET / HTTP/1.0|Host: a|Host: b||"),
        Bad("an empty Host", "", Choice), Bad("a Host with a space", "a b"), Bad("two names in a Host", "a.example, b.example"),
            Bad("a Host with a path", "a/b"),
        Bad("a Host with a scheme", "http://a"), Bad("a Host with user information", "user@a"), Bad("a Host with a query", "a?b"),
            Bad("a Host with a fragment", "a#b"),
        Bad("a Host with a backslash", "a\\b"), Bad("a Host with a quote", "a\"b"), Bad("a Host with an angle bracket", "<a>"),
            Bad("a Host with a byte above ASCII", "caf\u00e9"),
        Bad("a Host with a NUL", "a\0b"), Bad("a Host with a tab", "a\tb"), Bad("a Host with a malformed port", "a:8o"),
            Bad("a Host with a negative port", "a:-1"),
        Bad("a Host with two ports", "a:80:81"), Bad("a Host with a port alone", ":80", Choice), Bad("a Host with a port too large", "a:65536", Choice),
        Bad("a Host with a malformed encoding", "a%zz"), Bad("a Host with half an encoding", "a%4"), Bad("an IPv6 address without brackets", "2001:db8::1"),
        Bad("an IPv6 address without its end", "[::1"), Bad("an IPv6 address with letters behind", "[::1]a"), Bad("an empty pair of brackets", "[]"),
        Bad("brackets around a name", "[example.org]"), Bad("an IPv6 address of nine groups", "[1:2:3:4:5:6:7:8:9]"),
            Bad("an IPv6 address with a zone", "[fe80::1%25eth0]", Choice),
        Bad("a Host of 400 bytes", new string('a', 400), Choice),
    ];

    private static Probe Good(string name, string host) => Forwarded($"Host: {name}", "9110 §7.2", Must,
        $"GET / HTTP/1.1|Host: {host}||", Probe.Seen($"GET / HTTP/1.1|Host: {host}|", host));

    private static Probe Bad(string name, string host, Rank rank = Must) => Refused(name, "9112 §3.2", rank, 400, $"GET / HTTP/1.1|Host: {host}||");
}
