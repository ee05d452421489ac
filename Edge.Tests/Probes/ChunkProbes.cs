using static Edge.Tests.Probes.Make;
using static Edge.Tests.Probes.Rank;

namespace Edge.Tests.Probes;

/// <summary>Chunked bodies of requests: RFC 9112 §7.1.</summary>
internal static class ChunkProbes
{
    internal static Probe[] All { get; } =
    [
        Good("several chunks", "3|abc|2|de|0||"), Good("no chunk but the last", "0||"), Good("sizes in either letters", "A|0123456789|a|0123456789|0||"),
        Good("zeros before a size", "0005|hello|000||"), Good("line ends in the content", "4||||0||".Replace("4||||", "4|\r\n\r\n|", StringComparison.Ordinal)),
        Good("a trailer", "5|hello|0|Checksum: x|Other: y||"), Good("a trailer with a byte above ASCII", "0|A: \u00e9||"),
        Good("extensions, which are for one hop", "5;a=b;c=\"d;e\"|hello|0;last||", "5|hello|0||", ["a=b", "last"]),
        Good("white space before an extension", "5 \t;a|hello|0 ;b||", "5|hello|0||", [" \t;a"]),
        Good("an extension with white space where it may be, and a quoted value", "5 ; a\t= \"b\\\";\" ;c=~!|hello|0||", "5|hello|0||", ["a\t="]),
        Good("a chunk and a request behind it", "5|hello|0||") with
        {
            Sends = Probe.Lines("POST / HTTP/1.1|Host: h|Transfer-Encoding: chunked||5|hello|0||GET /2 HTTP/1.1|Host: h||"),
            Sees = [Probe.Seen("POST / HTTP/1.1|Host: h|", framing: "Transfer-Encoding: chunked|", body: "5|hello|0||"),
                Probe.Seen("GET /2 HTTP/1.1|Host: h|")],
            Gets = OkGets + OkGets,
        },
        Bad("a size of nothing", "|hello|0||"), Bad("a size with a sign", "+5|hello|0||"), Bad("a negative size", "-5|hello|0||"),
            Bad("a size with 0x", "0x5|hello|0||"),
        Bad("a size with a space before", " 5|hello|0||"), Bad("a size with a space behind", "5 |hello|0||"), Bad("a size with a tab behind", "5\t|hello|0||"),
        Bad("a size with a space inside", "1 0|0123456789abcdef|0||"), Bad("a size that is no number", "g|hello|0||"),
            Bad("a size with an underscore", "1_0|0123456789abcdef|0||"),
        Bad("a size in quotes", "\"5\"|hello|0||"), Bad("a size with a point", "5.0|hello|0||"), Bad("a size with a comma", "5,5|hello|0||"),
        Bad("a size of 2^64 + 5", "10000000000000005|hello|0||", Must), Bad("a size of 2^63", "8000000000000000|hello|0||", Must),
        Bad("a size of 2^32 + 5 in many zeros", "0000000000000000000100000005|hello|0||", Choice),
            Bad("a size of 100 digits", $"{new string('f', 100)}|hello|0||", Must),
        Bad("a line feed alone behind a size", "5\nhello|0||"), Bad("a carriage return alone behind a size", "5\rhello|0||"),
        Bad("a line feed alone behind a chunk", "5|hello\n0||"), Bad("a carriage return alone behind a chunk", "5|hello\r0||"),
            Bad("nothing behind a chunk", "5|hello0||"),
        Bad("a chunk longer than its size", "4|hello|0||"), Bad("a chunk shorter than its size", "6|hello|0||", sends: "6|hello|0||x"),
            Bad("two bytes for a line end", "5|helloxx0||"),
        Bad("a NUL behind a size", "5\0|hello|0||"), Bad("a NUL in an extension", "5;a\0|hello|0||"),
            Bad("a line feed alone in an extension", "5;a\nb|hello|0||"),
        Bad("a carriage return alone in an extension", "5;a\rb|hello|0||"), Bad("a line feed alone behind an extension", "5;a\nhello|0||"),
        Bad("an extension of 300 bytes", $"5;{new string('a', 300)}|hello|0||", Choice),
        Bad("20 KB of extensions on chunks of a byte", string.Concat(Enumerable.Repeat($"1;{new string('a', 200)}|x|", 100)) + "0||", Choice),
        Bad("an extension without a name", "5;|hello|0||"), Bad("two semicolons", "5;;|hello|0||"), Bad("two semicolons before an extension", "5;;a|hello|0||"),
        Bad("an extension with a value alone", "5;=x|hello|0||"), Bad("an extension with an empty value", "5;a=|hello|0||"),
            Bad("an extension in quotes", "5;\"a\"|hello|0||"),
        Bad("a quoted value without an end", "5;a=\"|hello|0||"), Bad("a quoted value that escapes its end", "5;a=\"b\\\"|hello|0||"),
            Bad("a letter behind a quoted value", "5;a=\"b\"c|hello|0||"),
        Bad("white space behind an extension", "5;a |hello|0||"), Bad("two words in an extension", "5;a b|hello|0||"),
            Bad("a byte above ASCII in an extension", "5;\u00e9|hello|0||"),
        Bad("white space and no extension", "5 a|hello|0||"),
        Bad("a line feed alone behind the last chunk", "5|hello|0\n|"), Bad("a line feed alone for the last line", "5|hello|0|\n"),
            Bad("a folded trailer", "0|A: b| c||", Must),
        Bad("a trailer without a colon", "0|Nothing||"), Bad("a trailer with a space before the colon", "0|A : b||", Must),
            Bad("a trailer without a name", "0|: b||"),
        Bad("a NUL in a trailer", "0|A: b\0||", Must), Bad("a carriage return alone in a trailer", "0|A: b\rc||", Must),
            Bad("9 KB of trailers", $"0|A: {new string('a', 9_000)}||", Choice),
        Trailer("Content-Length: 5"), Trailer("Transfer-Encoding: chunked"), Trailer("Host: evil"), Trailer("Authorization: x"), Trailer("Set-Cookie: x"),
            Trailer("Content-Type: a/b"),
        Trailer("X-Forwarded-For: 6.6.6.6"), Trailer("Content-Encoding: gzip"), Trailer("Max-Forwards: 1"),
        Dropped("Cookie: a=b"), Dropped("Proxy-Authorization: x"), Dropped("If-Match: x"), Dropped("if-none-match: x"), Dropped("If-Modified-Since: x"),
            Dropped("If-Unmodified-Since: x"),
        Dropped("If-Range: x"), Dropped("Range: bytes=0-1"), Dropped("Cache-Control: no-cache"), Dropped("Pragma: no-cache"), Dropped("Location: /x"),
            Dropped("Vary: x"), Dropped("Age: 1"),
        Dropped("Expires: 0"), Dropped("Date: x"), Dropped("Retry-After: 1"), Dropped("Warning: x"), Dropped("WWW-Authenticate: Basic"),
            Dropped("Proxy-Authenticate: Basic"),
        Good("trailers whose names are nearly those", "5|hello|0|Cookies: a|Cooki: b|X-Location: c||"),
        new("a chunked body cut short", "9112 §8", Must, Demand.Refuse)
        {
            Sends = Probe.Lines("POST / HTTP/1.1|Host: h|Transfer-Encoding: chunked||5|hel"), Finishes = true, Closes = true,
        },
        new("a chunked body without its last chunk", "9112 §8", Must, Demand.Refuse)
        {
            Sends = Probe.Lines("POST / HTTP/1.1|Host: h|Transfer-Encoding: chunked||5|hello|"), Finishes = true, Closes = true,
        },
        new("a chunked body without the line behind the last chunk", "9112 §8", Must, Demand.Refuse)
        {
            Sends = Probe.Lines("POST / HTTP/1.1|Host: h|Transfer-Encoding: chunked||5|hello|0|"), Finishes = true, Closes = true,
        },
    ];

    private static Probe Good(string name, string body, string? seen = null, string[]? lacks = null) => Forwarded($"chunked: {name}", "9112 §7.1", Must,
        $"POST / HTTP/1.1|Host: h|Transfer-Encoding: chunked||{body}",
            Probe.Seen("POST / HTTP/1.1|Host: h|", framing: "Transfer-Encoding: chunked|", body: seen ?? body)) with
    {
        Lacks = lacks ?? [],
    };

    private static Probe Bad(string name, string body, Rank rank = Should, string? sends = null) =>
        Refused($"chunked: {name}", "9112 §7.1", rank, 400, $"POST / HTTP/1.1|Host: h|Transfer-Encoding: chunked||{sends ?? body}");

    // RFC 9110 §6.5.1 has no such trailer generated, and lets a recipient discard it.
    private static Probe Dropped(string field)
    {
        string name = field[..field.IndexOf(':', StringComparison.Ordinal)];
        Probe forwarded = Forwarded($"a trailer that goes no further: {name}", "9110 §6.5.1", Choice,
            $"POST / HTTP/1.1|Host: h|Transfer-Encoding: chunked||5|hello|0|A: b|{field}|C: d||",
            Probe.Seen("POST / HTTP/1.1|Host: h|", framing: "Transfer-Encoding: chunked|", body: "5|hello|0|A: b|C: d||"));
        return forwarded with { Lacks = [field] };
    }

    private static Probe Trailer(string field) =>
        Refused($"a trailer that is none: {field[..field.IndexOf(':', StringComparison.Ordinal)]}", "9110 §6.5.1", Choice, 400,
            $"POST / HTTP/1.1|Host: h|Transfer-Encoding: chunked||0|{field}||");
}
