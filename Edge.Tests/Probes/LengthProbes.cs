using static Edge.Tests.Probes.Make;
using static Edge.Tests.Probes.Rank;

namespace Edge.Tests.Probes;

/// <summary>Content-Length in requests: RFC 9110 §8.6, RFC 9112 §6.3.</summary>
internal static class LengthProbes
{
    internal static Probe[] All { get; } =
    [
        Forwarded("a length", "9112 §6.2", Must, "POST / HTTP/1.1|Host: h|Content-Length: 5||hello",
            Probe.Seen("POST / HTTP/1.1|Host: h|Content-Length: 5|", body: "hello")),
        Forwarded("a length of nothing", "9110 §8.6", Must, "POST / HTTP/1.1|Host: h|Content-Length: 0||",
            Probe.Seen("POST / HTTP/1.1|Host: h|Content-Length: 0|")),
        Forwarded("a length with leading zeros", "9110 §8.6", Choice, "POST / HTTP/1.1|Host: h|Content-Length: 005||hello",
            Probe.Seen("POST / HTTP/1.1|Host: h|Content-Length: 5|", body: "hello")),
        Forwarded("white space around a length", "9110 §5.5", Must, "POST / HTTP/1.1|Host: h|Content-Length: \t 5 \t||hello",
            Probe.Seen("POST / HTTP/1.1|Host: h|Content-Length: 5|", body: "hello")),
        Forwarded("a body with GET", "9110 §9.3.1", Must, "GET / HTTP/1.1|Host: h|Content-Length: 5||hello",
            Probe.Seen("GET / HTTP/1.1|Host: h|Content-Length: 5|", body: "hello")),
        Forwarded("a body that looks like a request", "9112 §6.3", Must,
            "POST /1 HTTP/1.1|Host: h|Content-Length: 31||GET /evil HTTP/1.1|Host: h||GET /2 HTTP/1.1|Host: h||",
            Probe.Seen("POST /1 HTTP/1.1|Host: h|Content-Length: 31|", body: "GET /evil HTTP/1.1|Host: h||"), Probe.Seen("GET /2 HTTP/1.1|Host: h|")),
        Forwarded("no length and no coding is no body", "9112 §6.3", Must, "POST /1 HTTP/1.1|Host: h||GET /2 HTTP/1.1|Host: h||",
            Probe.Seen("POST /1 HTTP/1.1|Host: h|"), Probe.Seen("GET /2 HTTP/1.1|Host: h|")),
        Refused("two lengths that differ", "9112 §6.3", Must, 400, "POST / HTTP/1.1|Host: h|Content-Length: 5|Content-Length: 6||hello!"),
        Refused("two lengths that agree", "9110 §8.6", Choice, 400, "POST / HTTP/1.1|Host: h|Content-Length: 5|Content-Length: 5||hello"),
        Refused("two lengths, the second empty", "9112 §6.3", Must, 400, "POST / HTTP/1.1|Host: h|Content-Length: 5|Content-Length:||hello"),
        Refused("two lengths, the first in other letters", "9112 §6.3", Must, 400, "POST / HTTP/1.1|Host: h|CONTENT-LENGTH: 0|content-length: 5||hello"),
        Refused("a list of lengths that agree", "9110 §8.6", Choice, 400, "POST / HTTP/1.1|Host: h|Content-Length: 5, 5||hello"),
        Refused("a list of lengths that differ", "9112 §6.3", Must, 400, "POST / HTTP/1.1|Host: h|Content-Length: 5, 6||hello!"),
        Refused("a list of lengths without space", "9112 §6.3", Must, 400, "POST / HTTP/1.1|Host: h|Content-Length: 5,0||hello"),
        Refused("a length with a comma behind", "9112 §6.3", Must, 400, "POST / HTTP/1.1|Host: h|Content-Length: 5,||hello"),
        Refused("an empty length", "9112 §6.3", Must, 400, "POST / HTTP/1.1|Host: h|Content-Length:||hello"),
        Refused("a length with a plus sign", "9112 §6.3", Must, 400, "POST / HTTP/1.1|Host: h|Content-Length: +5||hello"),
        Refused("a length with a minus sign", "9112 §6.3", Must, 400, "POST / HTTP/1.1|Host: h|Content-Length: -5||hello"),
        Refused("minus zero", "9112 §6.3", Must, 400, "POST / HTTP/1.1|Host: h|Content-Length: -0||"),
        Refused("a length with a space inside", "9112 §6.3", Must, 400, "POST / HTTP/1.1|Host: h|Content-Length: 1 0||hello"),
        Refused("a hexadecimal length", "9112 §6.3", Must, 400, "POST / HTTP/1.1|Host: h|Content-Length: 0x5||hello"),
        Refused("a length of hexadecimal digits", "9112 §6.3", Must, 400, "POST / HTTP/1.1|Host: h|Content-Length: a||0123456789"),
        Refused("a length with an exponent", "9112 §6.3", Must, 400, "POST / HTTP/1.1|Host: h|Content-Length: 1e1||0123456789"),
        Refused("a length with a fraction", "9112 §6.3", Must, 400, "POST / HTTP/1.1|Host: h|Content-Length: 5.0||hello"),
        Refused("a length in quotes", "9112 §6.3", Must, 400, "POST / HTTP/1.1|Host: h|Content-Length: \"5\"||hello"),
        Refused("a length with a letter behind", "9112 §6.3", Must, 400, "POST / HTTP/1.1|Host: h|Content-Length: 5a||hello"),
        Refused("a length with a parameter", "9112 §6.3", Must, 400, "POST / HTTP/1.1|Host: h|Content-Length: 5;a=b||hello"),
        Refused("a length with an underscore", "9112 §6.3", Must, 400, "POST / HTTP/1.1|Host: h|Content-Length: 1_0||0123456789"),
        Refused("a length of 2^64 + 5", "9110 §8.6", Must, 400, "POST / HTTP/1.1|Host: h|Content-Length: 18446744073709551621||hello"),
        Refused("a length of 2^63", "9110 §8.6", Must, 400, "POST / HTTP/1.1|Host: h|Content-Length: 9223372036854775808||hello"),
        Refused("a length of two hundred digits", "9110 §8.6", Must, 400, $"POST / HTTP/1.1|Host: h|Content-Length: {new string('9', 200)}||hello"),
        Refused("a length of digits from elsewhere", "9112 §6.3", Must, 400, "POST / HTTP/1.1|Host: h|Content-Length: \u00b2||hello"),
        Refused("a length with a vertical tab", "9112 §6.3", Must, 400, "POST / HTTP/1.1|Host: h|Content-Length: \v5||hello"),
        Refused("POST of HTTP/1.0 without a length", "9110 §15.5.12", Choice, 411, "POST / HTTP/1.0|Host: h||"),
        new("a body cut short", "9112 §8", Must, Demand.Refuse)
        {
            Sends = Probe.Lines("POST / HTTP/1.1|Host: h|Content-Length: 10||hello"), Finishes = true, Closes = true,
        },
    ];
}
