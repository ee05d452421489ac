using static Edge.Tests.Probes.Make;
using static Edge.Tests.Probes.Rank;

namespace Edge.Tests.Probes;

/// <summary>Expectations, hops that run out, interim answers, old clients and connections: RFC 9110 §7.6.2, §10.1.1, §15.2; RFC 9112 §9.</summary>
internal static class ExchangeProbes
{
    private const string Continue = "HTTP/1.1 100 Continue\r\n\r\n";
    private const string Get = "GET / HTTP/1.1|Host: h||";
    private const string Passing = "HTTP/1.1 103 Early Hints|Link: x||HTTP/1.1 200 OK|Content-Length: 2||ok";

    private static readonly string s_plainSeen = Probe.Seen("GET / HTTP/1.1|Host: h|");

    internal static Probe[] All { get; } =
    [
        new("a client that waits for 100", "9110 §10.1.1", Must, Demand.Forward)
        {
            Sends = Probe.Lines("POST / HTTP/1.1|Host: h|Expect: 100-continue|Content-Length: 5||"), Then = "hello", BeforeBody = Continue,
            Sees = [Probe.Seen("POST / HTTP/1.1|Host: h|Expect: 100-continue|Content-Length: 5|", body: "hello")],
            Gets = Probe.Lines("HTTP/1.1 100 Continue|Via: 1.1 edge||") + OkGets, GetsAnyway = ["HTTP/1.1 100 "],
        },
        new("a client that waits for 100 and gets two", "9110 §15.2.1", Choice, Demand.Forward)
        {
            Sends = Probe.Lines("POST / HTTP/1.1|Host: h|Expect: 100-CONTINUE|Content-Length: 5||"), Then = "hello", BeforeBody = Continue,
                Answers = Continue + Probe.Ok,
            Sees = [Probe.Seen("POST / HTTP/1.1|Host: h|Expect: 100-CONTINUE|Content-Length: 5|", body: "hello")],
            Gets = Probe.Lines("HTTP/1.1 100 Continue|Via: 1.1 edge||") + OkGets,
        },
        Expecting("an expectation twice in a list", "Expect: 100-continue, 100-Continue|"),
        Expecting("an expectation twice in two lines", "Expect: 100-continue|expect: 100-continue|"),
        Expecting("an expectation among empty members", "Expect: ,,100-continue,|"),
        Expecting("an expectation with an empty line of it", "Expect:|Expect: 100-continue|"),
        Forwarded("an empty expectation", "9110 §5.6.1", Should, "POST / HTTP/1.1|Host: h|Expect: ,|Content-Length: 5||hello",
            Probe.Seen("POST / HTTP/1.1|Host: h|Content-Length: 5|", body: "hello")),
        Refused("an unknown expectation in a second line", "9110 §10.1.1", Choice, 417,
            "POST / HTTP/1.1|Host: h|Expect: 100-continue|Expect: x|Content-Length: 5||hello"),
        Forwarded("an expectation without a body", "9110 §10.1.1", Choice, "GET / HTTP/1.1|Host: h|Expect: 100-continue||", s_plainSeen),
        Refused("an unknown expectation", "9110 §10.1.1", Choice, 417, "POST / HTTP/1.1|Host: h|Expect: 200-ok|Content-Length: 5||hello"),
        Refused("an unknown expectation beside 100", "9110 §10.1.1", Choice, 417, "POST / HTTP/1.1|Host: h|Expect: 100-continue, x=y|Content-Length: 5||hello"),
        Old("an expectation in HTTP/1.0", "9110 §10.1.1", "POST / HTTP/1.0|Host: h|Expect: 100-continue|Content-Length: 2||hi",
            "POST / HTTP/1.1|Host: h|Content-Length: 2|", "hi",
            Continue + Probe.Ok, OkGetsAndCloses) with { NeverGets = ["HTTP/1.1 100"] },
        Answered("100 that nobody asked for", "9110 §15.2.1", Choice, Continue + Probe.Ok, OkGets) with { NeverGets = [" 100 "] },
        Answered(
            "three times 100 that nobody asked for", "9110 §15.2.1", Choice, Continue + Continue + Continue + Probe.Ok, OkGets) with { NeverGets = [" 100 "] },
        Answered("103", "9110 §15.2", Must, Passing, Probe.Lines("HTTP/1.1 103 Early Hints|Link: x|Via: 1.1 edge||") + OkGets) with { GetsAnyway = [" 103 "] },
        Answered("17 times 102", "9110 §15.2", Must, Interim(17) + Probe.Ok, Got(17) + OkGets) with { GetsAnyway = [" 102 "] },
        Answered("500 times 102", "9110 §15.2", Choice, Interim(500) + Probe.Ok, Got(500) + OkGets) with { GetsAnyway = [" 102 "] },
        Answered("an interim status that nobody knows", "9110 §15.2", Must, "HTTP/1.1 199 X||" + Probe.Ok,
            Probe.Lines("HTTP/1.1 199 X|Via: 1.1 edge||") + OkGets) with { GetsAnyway = [" 199 "] },
        Answered("fields for one hop in an interim answer", "9110 §7.6.1", Must,
            "HTTP/1.1 103 Early Hints|Connection: X-Foo|X-Foo: 1|Keep-Alive: 5|Content-Length: 7|A: b||" + Probe.Ok,
            Probe.Lines("HTTP/1.1 103 Early Hints|A: b|Via: 1.1 edge||") + OkGets) with { NeverGets = ["X-Foo", "Keep-Alive"] },
        Broken("101 that nobody asked for", "9110 §15.2.2", "HTTP/1.1 101 Switching Protocols|Connection: Upgrade|Upgrade: evil||evil bytes"),
        Broken("101 that nobody asked for, without fields", "9110 §15.2.2", "HTTP/1.1 101 Switching Protocols||"),
        Old("103 to a client of HTTP/1.0", "9110 §15.2", "GET / HTTP/1.0|Host: h||", "GET / HTTP/1.1|Host: h|", "", Passing,
            OkGetsAndCloses) with { NeverGets = [" 103 "] },
        Old("100 to a client of HTTP/1.0", "9110 §15.2", "GET / HTTP/1.0|Host: h||", "GET / HTTP/1.1|Host: h|", "", Continue + Probe.Ok,
            OkGetsAndCloses) with { NeverGets = [" 100 "] },
        Old("a chunked answer to a client of HTTP/1.0", "9112 §6.1", "GET / HTTP/1.0|Host: h||", "GET / HTTP/1.1|Host: h|", "",
            "HTTP/1.1 200 OK|Transfer-Encoding: chunked||1;a|o|1|k|0|A: b||",
            Probe.Passed("HTTP/1.1 200 OK|", "ok", "Connection: close|")) with { NeverGets = ["chunked", "\r\n1"] },
        Old("a chunked answer to a client of HTTP/1.0 that would go on", "9112 §6.1", "GET / HTTP/1.0|Host: h|Connection: keep-alive||",
            "GET / HTTP/1.1|Host: h|", "",
            "HTTP/1.1 200 OK|Transfer-Encoding: chunked||2|ok|0||",
                Probe.Passed("HTTP/1.1 200 OK|", "ok", "Connection: close|")) with { NeverGets = ["chunked", "\r\n2"] },
        Forwarded("a client of HTTP/1.0 that would go on", "9112 §9.3", Choice, "GET / HTTP/1.0|Host: h|Connection: keep-alive||",
            Probe.Seen("GET / HTTP/1.1|Host: h|")) with
        {
            Gets = Probe.Passed("HTTP/1.1 200 OK|Content-Length: 2|", "ok", "Connection: keep-alive|"),
        },
        Forwarded("Max-Forwards of OPTIONS", "9110 §7.6.2", Must, "OPTIONS / HTTP/1.1|Host: h|Max-Forwards: 7|A: b||",
            Hops("OPTIONS /", "A: b|", 6)) with { Needs = ["Max-Forwards: 6"] },
        Forwarded("Max-Forwards of TRACE", "9110 §7.6.2", Must, "TRACE / HTTP/1.1|Host: h|max-forwards: 1||",
            Hops("TRACE /", "", 0)) with { Needs = ["Max-Forwards: 0"], MayBeRefused = true },
        Forwarded("Max-Forwards larger than anybody's", "9110 §7.6.2", Must, "OPTIONS / HTTP/1.1|Host: h|Max-Forwards: 99999999999999999999||",
            Hops("OPTIONS /", "", 999_999)) with
        {
            Lacks = ["99999999999999999999"],
        },
        Forwarded(
            "Max-Forwards of GET", "9110 §7.6.2", Choice, "GET / HTTP/1.1|Host: h|Max-Forwards: 0||", Probe.Seen("GET / HTTP/1.1|Host: h|Max-Forwards: 0|")),
        new("no forwards left for OPTIONS", "9110 §7.6.2", Must, Demand.Answer)
        {
            Sends = Probe.Lines("OPTIONS / HTTP/1.1|Host: h|Max-Forwards: 0||"),
            Gets = Probe.Lines("HTTP/1.1 200 OK|Content-Length: 0|Date: *|Allow: GET, HEAD, POST, PUT, DELETE, OPTIONS, TRACE, PATCH|Connection: keep-alive||"),
        },
        new("no forwards left for OPTIONS *", "9110 §7.6.2", Must, Demand.Answer)
        {
            Sends = Probe.Lines("OPTIONS * HTTP/1.1|Host: h|Max-Forwards: 00||"),
            Gets = Probe.Lines("HTTP/1.1 200 OK|Content-Length: 0|Date: *|Allow: GET, HEAD, POST, PUT, DELETE, OPTIONS, TRACE, PATCH|Connection: keep-alive||"),
        },
        new("no forwards left for TRACE", "9110 §7.6.2", Must, Demand.Answer)
        {
            Sends = Probe.Lines("TRACE / HTTP/1.1|Host: h|Max-Forwards: 0|Cookie: secret||"), NeverGets = ["secret"],
            Gets = Probe.Lines("HTTP/1.1 405 Method Not Allowed|Content-Length: 0|Date: *|Allow: GET, HEAD, POST, PUT, DELETE, OPTIONS, TRACE, "
                + "PATCH|Connection: keep-alive||"),
        },
        new("no forwards left for OPTIONS with a body", "9110 §7.6.2", Must, Demand.Answer)
        {
            Sends = Probe.Lines("OPTIONS / HTTP/1.1|Host: h|Max-Forwards: 0|Content-Length: 5||hello"), Closes = true,
            Gets = Probe.Lines("HTTP/1.1 200 OK|Content-Length: 0|Date: *|Allow: GET, HEAD, POST, PUT, DELETE, OPTIONS, TRACE, PATCH|Connection: close||"),
        },
        Refused("malformed Max-Forwards", "9110 §7.6.2", Choice, 400, "OPTIONS / HTTP/1.1|Host: h|Max-Forwards: -1||"),
        Refused("two Max-Forwards", "9110 §7.6.2", Choice, 400, "OPTIONS / HTTP/1.1|Host: h|Max-Forwards: 0|Max-Forwards: 5||"),
        Forwarded("five requests at once", "9112 §9.3.2", Must, string.Concat(Enumerable.Range(1, 5).Select(i => $"GET /{i} HTTP/1.1|Host: h||")),
            [.. Enumerable.Range(1, 5).Select(i => Probe.Seen($"GET /{i} HTTP/1.1|Host: h|"))]),
        new("a malformed request behind a sound one", "9112 §9.3.2", Must, Demand.Forward)
        {
            Sends = Probe.Lines("GET /1 HTTP/1.1|Host: h||GET /2 HTTP/1.1|Host : h||"), Sees = [Probe.Seen("GET /1 HTTP/1.1|Host: h|")], GetsBefore = OkGets,
                Status = 400, Closes = true,
        },
        new("a client that ends its direction behind the request", "9112 §9.6", Must, Demand.Forward)
        {
            Sends = Probe.Lines(Get), Sees = [s_plainSeen], Finishes = true, Gets = OkGets, Closes = true,
        },
        new("a client that ends its direction behind two requests with bodies", "9112 §9.6", Must, Demand.Forward)
        {
            Sends = Probe.Lines("POST /1 HTTP/1.1|Host: h|Content-Length: 2||hiPOST /2 HTTP/1.1|Host: h|Content-Length: 2||ho"), Finishes = true,
                Gets = OkGets + OkGets, Closes = true,
            Sees = [Probe.Seen("POST /1 HTTP/1.1|Host: h|Content-Length: 2|", body: "hi"),
                Probe.Seen("POST /2 HTTP/1.1|Host: h|Content-Length: 2|", body: "ho")],
        },
        new("a head cut short", "9112 §8", Must, Demand.Refuse) { Sends = Probe.Lines("GET / HTTP/1.1|Host: h|A: b"), Finishes = true, Closes = true },
    ];

    private static string Interim(int count) => string.Concat(Enumerable.Repeat("HTTP/1.1 102 Processing||", count));

    private static string Got(int count) => string.Concat(Enumerable.Repeat(Probe.Lines("HTTP/1.1 102 Processing|Via: 1.1 edge||"), count));

    private static Probe Expecting(string name, string fields) =>
        Forwarded(name, "9110 §5.6.1", Should, $"POST / HTTP/1.1|Host: h|{fields}Content-Length: 5||hello",
        Probe.Seen("POST / HTTP/1.1|Host: h|Content-Length: 5|", framing: "Expect: 100-continue|", body: "hello"));

    private static string Hops(string line, string fields, int left) =>
        Probe.Seen($"{line} HTTP/1.1|Host: h|{fields}", framing: $"Max-Forwards: {left}|");

    private static Probe Answered(string name, string section, Rank rank, string answer, string gets) => new(name, section, rank, Demand.Forward)
    {
        Sends = Probe.Lines(Get),
        Sees = [s_plainSeen],
        Answers = Probe.Lines(answer),
        Gets = gets,
    };

    private static Probe Broken(string name, string section, string answer) => new(name, section, Must, Demand.BadGateway)
    {
        Sends = Probe.Lines(Get),
        Sees = [s_plainSeen],
        Answers = Probe.Lines(answer),
        Status = 502,
        NeverReused = true,
        NeverGets = [" 101 ", "evil"],
    };

    private static Probe Old(string name, string section, string sends, string sees, string body, string answer, string gets) =>
        new(name, section, Must, Demand.Forward)
        {
            Sends = Probe.Lines(sends),
            Sees = [Probe.Seen(sees, body: body)],
            Answers = Probe.Lines(answer),
            Gets = gets,
            Closes = true,
        };
}
