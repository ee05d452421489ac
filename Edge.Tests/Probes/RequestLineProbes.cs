using static Edge.Tests.Probes.Make;
using static Edge.Tests.Probes.Rank;

namespace Edge.Tests.Probes;

/// <summary>Method, version and the spaces between: RFC 9112 §2.2, §2.3, §3; RFC 9110 §9.1.</summary>
internal static class RequestLineProbes
{
    internal static Probe[] All { get; } =
    [
        Passes("GET"), Passes("get", "a method in small letters"), Passes("Get", "a method in mixed letters"), Passes("PROPFIND"), Passes("QUERY"),
            Passes("VERSION-CONTROL"), Passes("M-SEARCH"),
        Passes("!#$%&'*+-.^_`\u00a6~0", "a method of every kind of character"), Passes("TRACE"),
        Forwarded("an empty line before the request", "9112 §2.2", Should, "|GET / HTTP/1.1|Host: h||", Probe.Seen("GET / HTTP/1.1|Host: h|")),
        Forwarded("an empty line between two requests", "9112 §2.2", Should, "GET /1 HTTP/1.1|Host: h|||GET /2 HTTP/1.1|Host: h||",
            Probe.Seen("GET /1 HTTP/1.1|Host: h|"), Probe.Seen("GET /2 HTTP/1.1|Host: h|")),
        new("HTTP/1.0", "9110 §2.5", Must, Demand.Forward)
        {
            Sends = Probe.Lines("GET / HTTP/1.0|Host: h||"), Sees = [Probe.Seen("GET / HTTP/1.1|Host: h|")],
            Gets = OkGetsAndCloses, Closes = true,
        },
        Bad("three empty lines before the request", 400, "|||GET / HTTP/1.1|Host: h||", Choice),
        Bad("a bare line feed before the request", 400, "\nGET / HTTP/1.1|Host: h||", Choice),
        Bad("a bare carriage return before the request", 400, "\rGET / HTTP/1.1|Host: h||", Must,
            "9112 §2.2") with { MayBecome = seen => !seen.StartsWith('\r') },
        Bad("a space before the method", 400, " GET / HTTP/1.1|Host: h||"),
        Bad("a NUL before the method", 400, "\0GET / HTTP/1.1|Host: h||"),
        Bad("two spaces behind the method", 400, "GET  / HTTP/1.1|Host: h||", Choice),
        Bad("two spaces behind the target", 400, "GET /  HTTP/1.1|Host: h||", Choice),
        Bad("a tab behind the method", 400, "GET\t/ HTTP/1.1|Host: h||", Choice),
        Bad("a tab behind the target", 400, "GET /\tHTTP/1.1|Host: h||", Choice),
        Bad("a vertical tab behind the target", 400, "GET /\vHTTP/1.1|Host: h||", Choice),
        Bad("a space behind the version", 400, "GET / HTTP/1.1 |Host: h||", Choice),
        Bad("a word behind the version", 400, "GET / HTTP/1.1 x|Host: h||"),
        Bad("no target", 400, "GET HTTP/1.1|Host: h||"),
        Bad("no method", 400, " / HTTP/1.1|Host: h||"),
        Bad("no version, as in HTTP/0.9", 400, "GET /|", Choice, "9110 §2.5"),
        Bad("no version but fields", 400, "GET /|Host: h||", Choice, "9110 §2.5"),
        Bad("a method with a colon", 400, "GET: / HTTP/1.1|Host: h||"),
        Bad("a method in brackets", 400, "[GET] / HTTP/1.1|Host: h||"),
        Bad("a method of 100 letters", 501, $"{new string('A', 100)} / HTTP/1.1|Host: h||", Choice),
        Bad("the version in small letters", 400, "GET / http/1.1|Host: h||"),
        Bad("another protocol", 400, "GET / ICY/1.1|Host: h||"),
        Bad("a version without a point", 400, "GET / HTTP/11|Host: h||"),
        Bad("a version of one digit", 400, "GET / HTTP/1|Host: h||"),
        Bad("a version with a zero before", 400, "GET / HTTP/01.1|Host: h||"),
        Bad("a version of two digits behind the point", 400, "GET / HTTP/1.10|Host: h||"),
        Bad("a version with a plus", 400, "GET / HTTP/1.+1|Host: h||"),
        Bad("HTTP/1.2", 505, "GET / HTTP/1.2|Host: h||", Choice, "9110 §2.5"),
        Bad("HTTP/0.9 with a version", 505, "GET / HTTP/0.9|Host: h||", Choice, "9110 §15.6.6"),
        Bad("HTTP/2.0", 505, "GET / HTTP/2.0|Host: h||", Should, "9110 §15.6.6"),
        Bad("HTTP/9.9", 505, "GET / HTTP/9.9|Host: h||", Should, "9110 §15.6.6"),
        Bad("the preface of HTTP/2", 505, "PRI * HTTP/2.0||SM||", Should, "9113 §3.4"),
        Bad("a TLS client hello", 400, "\u0016\u0003\u0001\u0000\u00a5\u0001\u0000\u0000\u00a1\u0003\u0003|"),
        Bad("a target of 17,000 bytes", 414, $"GET /{new string('a', 17_000)} HTTP/1.1|Host: h||", Choice),
        Forwarded("a target of 8,000 bytes", "9112 §3", Should, $"GET /{new string('a', 8_000)} HTTP/1.1|Host: h||",
            Probe.Seen($"GET /{new string('a', 8_000)} HTTP/1.1|Host: h|")),
    ];

    private static Probe Passes(string method, string? name = null)
    {
        Probe forwarded = Forwarded(name ?? $"the method {method}", "9110 §9.1", Must, $"{method} /p HTTP/1.1|Host: h||",
            Probe.Seen($"{method} /p HTTP/1.1|Host: h|"));
        return forwarded with { MayBeRefused = method != "GET" };
    }

    private static Probe Bad(string name, int status, string sends, Rank rank = Should, string section = "9112 §3") =>
        Refused(name, section, rank, status, sends);
}
