using static Edge.Tests.Probes.Make;
using static Edge.Tests.Probes.Rank;

namespace Edge.Tests.Probes;

/// <summary>Request targets, of every form and none: RFC 9112 §3.2.</summary>
internal static class TargetProbes
{
    internal static Probe[] All { get; } =
    [
        Same("dots and double slashes", "/a//b/./c/../d"),
        Same("a target that climbs above the root", "/../../etc/passwd"),
        Same("percent signs, encoded characters and a query", "/%2e%2E/a%2Fb%00?q=%20&%zz#".TrimEnd('#')),
        Same("encoded letters", "/%61%62%63"),
        Same("a target that begins with two slashes", "//evil.example/p"),
        Same("semicolons and an empty query", "/a;b=c/?"),
        Same("a question mark in the query", "/?a?b=/../c"),
        Same("a backslash", "/a\\..\\b", Choice),
        Same("characters that a URI should encode", "/?a=\"<>\\^`{\u00a6}", Choice),
        Same("an encoded line end", "/%0d%0aEvil:%201"),
        Absolute("absolute form with the same host", "http://h/p?q", "h", "GET /p?q", "h"),
        Absolute("absolute form with another host", "http://one.example/p", "two.example", "GET /p", "one.example"),
        Absolute("absolute form with a port", "http://one.example:8080/p", "two.example", "GET /p", "one.example:8080"),
        Absolute("absolute form without a path", "http://one.example", "one.example", "GET /", "one.example"),
        Absolute("absolute form without a path but with a query", "http://one.example?q", "one.example", "GET /?q", "one.example"),
        Absolute("absolute form, scheme in capitals", "HTTP://one.example/p", "one.example", "GET /p", "one.example"),
        Absolute("absolute form of OPTIONS without a path", "http://one.example", "one.example", "OPTIONS *", "one.example", "OPTIONS"),
        new("absolute form of a trusted proxy's https", "9110 §7.4", Must, Demand.Forward)
        {
            IsTrusted = true, Sends = Probe.Lines("GET https://h/p HTTP/1.1|Host: h|X-Forwarded-Proto: https||"), Gets = OkGets,
            Sees = [Probe.Lines("GET /p HTTP/1.1|Host: h|X-Forwarded-Proto: https|X-Forwarded-For: 127.0.0.1|X-Forwarded-Host: h||")],
        },
        Bad("absolute form of https on a plain connection", 421, "GET https://h/p HTTP/1.1|Host: h||", Must, "9110 §7.4"),
        Bad("absolute form without Host", 400, "GET http://h/ HTTP/1.1||", Must),
        Bad("absolute form with two Hosts", 400, "GET http://h/ HTTP/1.1|Host: h|Host: h||", Must),
        Bad("absolute form with a malformed Host", 400, "GET http://h/ HTTP/1.1|Host: a b||", Must),
        Bad("absolute form with an empty host", 400, "GET http:///p HTTP/1.1|Host: h||", Must, "9110 §4.2.1"),
        Bad("absolute form with user information", 400, "GET http://user:secret@h/ HTTP/1.1|Host: h||", Should, "9110 §4.2.4"),
        Bad("absolute form with a malformed port", 400, "GET http://h:80a/ HTTP/1.1|Host: h||"),
        Bad("absolute form of another scheme", 400, "GET ftp://h/p HTTP/1.1|Host: h||", Choice),
        Bad("absolute form with one slash", 400, "GET http:/h/p HTTP/1.1|Host: h||"),
        Bad("absolute form with a fragment", 400, "GET http://h/p#f HTTP/1.1|Host: h||"),
        Forwarded("OPTIONS *", "9112 §3.2.4", Must, "OPTIONS * HTTP/1.1|Host: h||", Probe.Seen("OPTIONS * HTTP/1.1|Host: h|")) with { MayBeRefused = true },
        Bad("an asterisk with GET", 400, "GET * HTTP/1.1|Host: h||"),
        Bad("an asterisk and more", 400, "OPTIONS *x HTTP/1.1|Host: h||"),
        Bad("an asterisk with OPTIONS in small letters", 400, "options * HTTP/1.1|Host: h||"),
        Bad("CONNECT", 405, "CONNECT h:443 HTTP/1.1|Host: h:443||", Choice, "9110 §9.3.6"),
        Bad("CONNECT with a path", 405, "CONNECT / HTTP/1.1|Host: h||", section: "9112 §3.2.3"),
        Bad("authority form with GET", 400, "GET h:80 HTTP/1.1|Host: h:80||"),
        Bad("a target without a slash", 400, "GET p HTTP/1.1|Host: h||"),
        Bad("a query without a path", 400, "GET ?q HTTP/1.1|Host: h||"),
        Bad("a fragment", 400, "GET /p#f HTTP/1.1|Host: h||"),
        Bad("a space", 400, "GET /a b HTTP/1.1|Host: h||"),
        Bad("a NUL in the target", 400, "GET /a\0b HTTP/1.1|Host: h||"),
        Bad("a control byte in the target", 400, "GET /a\u0001b HTTP/1.1|Host: h||"),
        Bad("a delete character in the target", 400, "GET /a\u007fb HTTP/1.1|Host: h||"),
        Bad("a bare carriage return in the target", 400, "GET /a\rb HTTP/1.1|Host: h||", Must),
        Bad("a byte above ASCII in the target", 400, "GET /caf\u00e9 HTTP/1.1|Host: h||"),
        Bad("an overlong slash in the target", 400, "GET /..\u00c0\u00af.. HTTP/1.1|Host: h||"),
    ];

    private static Probe Same(string name, string target, Rank rank = Must) => Forwarded(name, "9110 §7.7", rank,
        $"GET {target} HTTP/1.1|Host: h||", Probe.Seen($"GET {target} HTTP/1.1|Host: h|")) with
    { MayBeRefused = true };

    private static Probe Absolute(string name, string target, string host, string line, string newHost, string method = "GET") =>
        Forwarded(name, "9112 §3.2.2", Must, $"{method} {target} HTTP/1.1|Host: {host}||", Probe.Seen($"{line} HTTP/1.1|Host: {newHost}|", newHost)) with
        {
            Needs = [$"Host: {newHost}"],
        };

    private static Probe Bad(string name, int status, string sends, Rank rank = Should, string section = "9112 §3.2") =>
        Refused(name, section, rank, status, sends);
}
