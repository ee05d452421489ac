using static Edge.Tests.Probes.Make;
using static Edge.Tests.Probes.Rank;

namespace Edge.Tests.Probes;

/// <summary>Fields for one hop, and those that only look so: RFC 9110 §7.6; in both directions.</summary>
internal static class HopProbes
{
    internal static Probe[] All { get; } =
    [
        Stripped("a field that Connection names", "Connection: X-Foo|X-Foo: 1|", "X-Foo"),
        Stripped("a field that Connection names, in other letters and among others", "x-foo: 1|Connection: keep-alive ,, X-FOO,|", "x-foo"),
        Stripped("fields that two Connection fields name", "Connection: X-Foo|X-Bar: 1|X-Foo: 1|connection: x-bar|", "X-Foo", "X-Bar"),
        Stripped("a repeated field that Connection names", "X-Foo: 1|Connection: x-foo|X-Foo: 2|", "X-Foo"),
        Stripped("Keep-Alive", "Connection: keep-alive|Keep-Alive: timeout=5|", "Keep-Alive"),
        Stripped("Proxy-Connection", "Proxy-Connection: keep-alive|", "Proxy-Connection") with { Rank = Should },
        Stripped("TE", "Connection: TE|TE: deflate;q=0.5|", "TE:"),
        Forwarded("TE: trailers, which are passed on", "9110 §10.1.4", Choice, "GET / HTTP/1.1|Host: h|Connection: TE|TE: trailers, deflate;q=0.5|A: b||",
            Probe.Seen("GET / HTTP/1.1|Host: h|A: b|", framing: "TE: trailers|Connection: TE|")) with { Lacks = ["deflate"], Needs = ["TE: trailers"] },
        Forwarded("TE: trailers in two lines, beside close", "9110 §10.1.4", Choice, "GET / HTTP/1.1|Host: h|TE: gzip|Connection: close, te|te: ,TRAILERS||",
            Probe.Seen("GET / HTTP/1.1|Host: h|", framing: "TE: trailers|Connection: TE|")) with
        {
            Lacks = ["gzip"], Needs = ["TE: trailers"], Gets = OkGetsAndCloses, Closes = true,
        },
        Stripped("X-Request-ID and traceparent that Connection names", "Connection: X-Request-ID, traceparent|X-Request-ID: mine|traceparent: "
            + "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01|", "mine", "0af7651916cd43dd"),
        Stripped("an upgrade to HTTP/2", "Connection: Upgrade, HTTP2-Settings|Upgrade: h2c|HTTP2-Settings: AAMAAABkAAQAAP__|", "Upgrade", "HTTP2-Settings",
            "h2c") with { Rank = Choice },
        Stripped("an upgrade that Connection does not name", "Upgrade: websocket|", "Upgrade", "websocket") with { Rank = Should },
        Kept("Connection names Host", "Connection: Host|A: b|", "Host: h|A: b|", "Host: h"),
        Kept("Connection names Authorization", "Connection: Authorization|Authorization: Basic eA==|", "Host: h|Authorization: Basic eA==|",
            "Authorization: Basic eA=="),
        Kept("Connection names Date", "Connection: Date|Date: Sun, 06 Nov 1994 08:49:37 GMT|", "Host: h|Date: Sun, 06 Nov 1994 08:49:37 GMT|"),
        Kept("Connection names Via", "Connection: Via|Via: 1.1 other|", "Host: h|Via: 1.1 other|", "Via: 1.1 other"),
        Kept("Connection names X-Forwarded-For and the like", "Connection: X-Forwarded-For, X-Forwarded-Proto, X-Forwarded-Host|", "Host: h|"),
        Forwarded("Connection names Content-Length", "9110 §7.6.1", Choice, "POST / HTTP/1.1|Host: h|Connection: Content-Length|Content-Length: 5||hello",
            Probe.Seen("POST / HTTP/1.1|Host: h|Content-Length: 5|", body: "hello")),
        Forwarded("Connection names Transfer-Encoding", "9110 §7.6.1", Choice,
            "POST / HTTP/1.1|Host: h|Connection: Transfer-Encoding|Transfer-Encoding: chunked||5|hello|0||",
            Probe.Seen("POST / HTTP/1.1|Host: h|", framing: "Transfer-Encoding: chunked|", body: "5|hello|0||")),
        Forwarded("Connection names Expect", "9110 §7.6.1", Choice, "POST / HTTP/1.1|Host: h|Connection: Expect|Expect: 100-continue|Content-Length: 5||hello",
            Probe.Seen("POST / HTTP/1.1|Host: h|Expect: 100-continue|Content-Length: 5|", body: "hello")),
        Forwarded("a trailer that Connection names", "9110 §7.6.1", Must,
            "POST / HTTP/1.1|Host: h|Connection: X-Foo|Transfer-Encoding: chunked||5|hello|0|X-Foo: 1||",
            Probe.Seen("POST / HTTP/1.1|Host: h|", framing: "Transfer-Encoding: chunked|", body: "5|hello|0||")) with { Lacks = ["X-Foo"] },
        new("an answer's trailer that Connection names", "9110 §7.6.1", Must, Demand.Forward)
        {
            Sends = Probe.Lines("GET / HTTP/1.1|Host: h||"), Sees = [Probe.Seen("GET / HTTP/1.1|Host: h|")],
            Answers = Probe.Lines("HTTP/1.1 200 OK|Connection: X-Foo|Transfer-Encoding: chunked||2|ok|0|X-Foo: 1||"), NeverGets = ["X-Foo"],
            Gets = Probe.Lines("HTTP/1.1 200 OK|Transfer-Encoding: chunked|Date: *|Via: 1.1 edge||2|ok|0||"),
        },
        new("Connection: close among others", "9112 §9.6", Must, Demand.Forward)
        {
            Sends = Probe.Lines("GET / HTTP/1.1|Host: h|Connection: x, CLOSE ,keep-alive||"), Sees = [Probe.Seen("GET / HTTP/1.1|Host: h|")],
            Gets = OkGetsAndCloses, Closes = true, Lacks = ["CLOSE"], ClosesAnyway = true,
        },
        new("a request behind one with Connection: close", "9112 §9.6", Must, Demand.Forward)
        {
            Sends = Probe.Lines("GET /1 HTTP/1.1|Host: h|Connection: close||GET /2 HTTP/1.1|Host: h||"), Sees = [Probe.Seen("GET /1 HTTP/1.1|Host: h|")],
            Gets = OkGetsAndCloses, Closes = true, ClosesAnyway = true, GoesOnAfterClose = true,
        },
        Answered("an answer's field that Connection names", "Connection: X-Foo|X-Foo: 1|A: b|", "A: b|", "X-Foo"),
        Answered("an answer's fields that two Connection fields name", "X-Bar: 1|Connection: X-Foo|X-Foo: 1|connection: keep-alive, X-BAR|A: b|", "A: b|",
            "X-Foo", "X-Bar"),
        Answered("an answer's Keep-Alive", "Connection: keep-alive|Keep-Alive: timeout=77|A: b|", "A: b|", "timeout=77"),
        Answered("an answer's Proxy-Connection", "Proxy-Connection: keep-alive|A: b|", "A: b|", "Proxy-Connection") with { Rank = Should },
        Answered("an answer's Upgrade without a switch", "Connection: Upgrade|Upgrade: h2c|A: b|", "A: b|", "h2c") with { Rank = Choice },
        new("an answer's Connection names Date", "9110 §6.6.1", Must, Demand.Forward)
        {
            Sends = Probe.Lines("GET / HTTP/1.1|Host: h||"), Sees = [Probe.Seen("GET / HTTP/1.1|Host: h|")],
            Answers = Probe.Lines("HTTP/1.1 200 OK|Connection: Date|Date: Sun, 06 Nov 1994 08:49:37 GMT|Content-Length: 2||ok"),
            Gets = Probe.Lines("HTTP/1.1 200 OK|Date: Sun, 06 Nov 1994 08:49:37 GMT|Content-Length: 2|Via: 1.1 edge||ok"), GetsAnyway = ["\r\nDate: "],
        },
        new("an answer's Connection names Content-Length", "9110 §7.6.1", Choice, Demand.Forward)
        {
            Sends = Probe.Lines("GET / HTTP/1.1|Host: h||"), Sees = [Probe.Seen("GET / HTTP/1.1|Host: h|")],
            Answers = Probe.Lines("HTTP/1.1 200 OK|Connection: Content-Length|Content-Length: 2||ok"), Gets = OkGets,
        },
        new("an answer with Connection: close", "9112 §9.6", Must, Demand.Forward)
        {
            Sends = Probe.Lines("GET / HTTP/1.1|Host: h||"), Sees = [Probe.Seen("GET / HTTP/1.1|Host: h|")],
            Answers = Probe.Lines("HTTP/1.1 200 OK|Connection: close|Content-Length: 2||ok"), Gets = OkGets, NeverReused = true,
        },
    ];

    private static Probe Stripped(string name, string fields, params string[] lacks)
    {
        Probe forwarded = Forwarded(
            name, "9110 §7.6.1", Must, $"GET / HTTP/1.1|Host: h|{fields}A: b||", Probe.Seen("GET / HTTP/1.1|Host: h|A: b|"));
        return forwarded with { Lacks = lacks, Needs = ["A: b"] };
    }

    private static Probe Kept(string name, string fields, string seen, params string[] needs) =>
        Forwarded(name, "9110 §7.6.1", Choice, $"GET / HTTP/1.1|Host: h|{fields}|", Probe.Seen($"GET / HTTP/1.1|{seen}")) with { Needs = needs };

    private static Probe Answered(string name, string fields, string passed, params string[] never) => new(name, "9110 §7.6.1", Must, Demand.Forward)
    {
        Sends = Probe.Lines("GET / HTTP/1.1|Host: h||"),
        Sees = [Probe.Seen("GET / HTTP/1.1|Host: h|")],
        Answers = Probe.Lines($"HTTP/1.1 200 OK|{fields}Content-Length: 2||ok"),
        Gets = Probe.Passed($"HTTP/1.1 200 OK|{passed}Content-Length: 2|", "ok"),
        NeverGets = never,
        GetsAnyway = ["A: b"],
    };
}
