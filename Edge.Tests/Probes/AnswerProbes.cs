using System.Text.RegularExpressions;
using static Edge.Tests.Probes.Make;
using static Edge.Tests.Probes.Rank;

namespace Edge.Tests.Probes;

/// <summary>What a replica answers: RFC 9112 §4, §5, §6 as they are for a client that is a proxy.</summary>
internal static partial class AnswerProbes
{
    private const string Sound = "HTTP/1.1 200 OK|";
    private static readonly string s_seen = Probe.Seen("GET / HTTP/1.1|Host: h|");
    private static readonly string s_head = Probe.Seen("HEAD / HTTP/1.1|Host: h|");

    internal static Probe[] All { get; } =
    [
        Bad("another protocol", "9112 §4", "ICY 200 OK|Content-Length: 2||ok"), Bad("no status line", "9112 §4", "hello|"),
            Bad("HTTP/0.9", "9112 §4", "<html>hello</html>"),
        Bad("a version of HTTP/2", "9112 §4", "HTTP/2.0 200 OK|Content-Length: 2||ok"),
            Bad("the version in small letters", "9112 §4", "http/1.1 200 OK|Content-Length: 2||ok"),
        Bad("a version of one digit", "9112 §4", "HTTP/1 200 OK|Content-Length: 2||ok"),
            Bad("two spaces before the status", "9112 §4", "HTTP/1.1  200 OK|Content-Length: 2||ok"),
        Bad("a tab before the status", "9112 §4", "HTTP/1.1\t200 OK|Content-Length: 2||ok"),
            Bad("a status of two digits", "9112 §4", "HTTP/1.1 20 OK|Content-Length: 2||ok"),
        Bad("a status of four digits", "9112 §4", "HTTP/1.1 2000 OK|Content-Length: 2||ok"),
            Bad("a status that is no number", "9112 §4", "HTTP/1.1 2xx OK|Content-Length: 2||ok"),
        Bad("a status with a sign", "9112 §4", "HTTP/1.1 +20 OK|Content-Length: 2||ok"),
            Bad("a status of 99", "9110 §15", "HTTP/1.1 099 X|Content-Length: 2||ok"),
        Bad("a status of 600", "9110 §15", "HTTP/1.1 600 X|Content-Length: 2||ok", Choice),
            Bad("a status of 999", "9110 §15", "HTTP/1.1 999 X|Content-Length: 2||ok", Choice),
        Bad("no status", "9112 §4", "HTTP/1.1|Content-Length: 2||ok"),
            Bad("an empty line before the status line", "9112 §2.2", "|HTTP/1.1 200 OK|Content-Length: 2||ok", Choice),
        Bad("a control byte in the reason", "9112 §4", "HTTP/1.1 200 O\u0001K|Content-Length: 2||ok"),
            Bad("a NUL in the reason", "9112 §4", "HTTP/1.1 200 O\0K|Content-Length: 2||ok"),
        Bad("a bare carriage return in the reason", "9112 §2.2", "HTTP/1.1 200 O\rK|Content-Length: 2||ok"),
            Bad("a bare line feed behind the status line", "9112 §2.2", "HTTP/1.1 200 OK\nContent-Length: 2||ok", Choice),
        Bad("a bare line feed behind a field", "9112 §2.2", $"{Sound}A: b\nContent-Length: 2||ok", Choice),
            Bad("a bare carriage return in a value", "9112 §2.2", $"{Sound}A: b\rc|Content-Length: 2||ok"),
        Bad("a NUL in a value", "9110 §5.5", $"{Sound}A: b\0c|Content-Length: 2||ok"),
            Bad("a folded line", "9112 §5.2", $"{Sound}A: b| c|Content-Length: 2||ok") with { MayPass = Unfolded },
        Bad("a space before a colon", "9112 §5.1",
            $"{Sound}A : b|Content-Length: 2||ok") with { MayPass = got => !got.Contains("A :", StringComparison.Ordinal) },
        Bad("a space before the colon of a length", "9112 §5.1",
            $"{Sound}Content-Length : 2||ok") with { MayPass = got => !got.Contains("Length :", StringComparison.Ordinal) },
        Bad("an empty name", "9112 §5", $"{Sound}: b|Content-Length: 2||ok", Should),
            Bad("a field without a colon", "9112 §5", $"{Sound}Nothing|Content-Length: 2||ok", Should),
        Bad("a name with a space", "9112 §5", $"{Sound}A B: c|Content-Length: 2||ok"),
            Bad("a head of 40 KB", "9110 §5.4", $"{Sound}A: {new string('a', 40_000)}|Content-Length: 2||ok", Choice),
        Bad("two lengths that differ", "9112 §6.3", $"{Sound}Content-Length: 2|Content-Length: 3||oky"),
            Bad("two lengths that agree", "9110 §8.6", $"{Sound}Content-Length: 2|Content-Length: 2||ok", Choice),
        Bad("a list of lengths", "9112 §6.3", $"{Sound}Content-Length: 2, 3||oky"), Bad("a negative length", "9112 §6.3", $"{Sound}Content-Length: -2||ok"),
        Bad("a length with a sign", "9112 §6.3", $"{Sound}Content-Length: +2||ok"),
            Bad("a length that is no number", "9112 §6.3", $"{Sound}Content-Length: two||ok"),
        Bad("an empty length", "9112 §6.3", $"{Sound}Content-Length:||ok"), Bad("a hexadecimal length", "9112 §6.3", $"{Sound}Content-Length: 0x2||ok"),
        Bad("a length of 2^64 + 2", "9110 §8.6", $"{Sound}Content-Length: 18446744073709551618||ok"),
        Bad("a length and chunked", "9112 §6.3", $"{Sound}Content-Length: 2|Transfer-Encoding: chunked||2|ok|0||", Choice),
        Bad("chunked in HTTP/1.0", "9112 §6.1", "HTTP/1.0 200 OK|Transfer-Encoding: chunked||2|ok|0||"),
            Bad("chunked twice", "9112 §6.1", $"{Sound}Transfer-Encoding: chunked, chunked||2|ok|0||", Choice),
        Bad("an unknown coding", "9112 §6.3", $"{Sound}Transfer-Encoding: x||ok", Choice),
            Bad("two transfer codings", "9112 §6.1", $"{Sound}Transfer-Encoding: gzip, chunked||2|ok|0||", Choice),
        Bad("a space before the colon of the coding", "9112 §5.1",
            $"{Sound}Transfer-Encoding : chunked||2|ok|0||") with { MayPass = got => !got.Contains("Encoding :", StringComparison.Ordinal) },
        Chunk("a size that is no number", "x|ok|0||"), Chunk("a size with 0x", "0x2|ok|0||"), Chunk("a negative size", "-2|ok|0||"),
            Chunk("a size of 2^64 + 2", "10000000000000002|ok|0||"),
        Chunk("a line feed alone behind a size", "2\nok|0||"), Chunk("a chunk longer than its size", "1|ok|0||"),
            Chunk("a line feed alone behind a chunk", "2|ok\n0||"),
        Chunk("a folded trailer", "2|ok|0|A: b| c||"), Chunk("a trailer that is none", "2|ok|0|Content-Length: 5||", Choice),
        Good("no space behind the status", "9112 §4", Choice, "HTTP/1.1 200|Content-Length: 2||ok", "HTTP/1.1 200 |Content-Length: 2|"),
        Good("an empty reason", "9112 §4", Must, "HTTP/1.1 200 |Content-Length: 2||ok", "HTTP/1.1 200 |Content-Length: 2|"),
        Good("a reason beyond ASCII", "9112 §4", Must, "HTTP/1.1 200 \u00d6K \t!|Content-Length: 2||ok", "HTTP/1.1 200 \u00d6K \t!|Content-Length: 2|"),
        Good("a status that nobody knows", "9110 §15", Must, "HTTP/1.1 299 X|Content-Length: 2||ok", "HTTP/1.1 299 X|Content-Length: 2|"),
        Good("order, letters and repeats of fields", "9110 §5.3", Must, $"{Sound}set-cookie: b|Content-Length: 2|SET-COOKIE: a|A:  x||ok",
            "HTTP/1.1 200 OK|set-cookie: b|Content-Length: 2|SET-COOKIE: a|A:  x|"),
        Good("an answer of HTTP/1.0", "9110 §2.5", Must, "HTTP/1.0 200 OK|Content-Length: 2||ok", $"{Sound}Content-Length: 2|",
            version: "1.0") with { NeverReused = true },
        Good("a chunked body", "9112 §7.1", Must, $"{Sound}Transfer-Encoding: chunked||2;a=b|ok|0|T: x||", $"{Sound}Transfer-Encoding: chunked|",
            "2|ok|0|T: x||", isChunked: true),
        Good("chunked, sizes padded with spaces", "9112 §7.1", Choice, $"{Sound}Transfer-Encoding: chunked||2  |ok|0      ||",
            $"{Sound}Transfer-Encoding: chunked|", "2|ok|0||", isChunked: true),
        Good("chunked, sizes padded with tabs and zeros", "9112 §7.1", Choice, $"{Sound}Transfer-Encoding: chunked||0002\t \t|ok|000\t||",
            $"{Sound}Transfer-Encoding: chunked|", "0002|ok|000||", isChunked: true),
        Good("chunked, extensions that are none", "9112 §7.1.1", Choice, $"{Sound}Transfer-Encoding: chunked||2;;=\"|ok|0; ||",
            $"{Sound}Transfer-Encoding: chunked|", "2|ok|0||", isChunked: true),
        Good("trailers that go no further, and one that does", "9110 §6.5.1", Choice,
            $"{Sound}Transfer-Encoding: chunked||2|ok|0|Location: /x|T: x|Cache-Control: no-store|Vary: a||",
            $"{Sound}Transfer-Encoding: chunked|", "2|ok|0|T: x||", isChunked: true) with { NeverGets = ["Location", "no-store"] },
        Chunk("a size with a space before", " 2|ok|0||"), Chunk("a size with a space inside", "0 2|ok|0||"), Chunk("a size and a word", "2 x|ok|0||"),
        Good("zeros before a length, and white space around", "9110 §8.6", Choice, $"{Sound}Content-Length: \t002 \t|A: b||ok",
            $"{Sound}A: b|Content-Length: 2|"),
        Date(), Closing("a body that ends with its connection", $"{Sound}A: b||all of it", "all of it"),
            Closing("an empty body that ends with its connection", $"{Sound}A: b||", ""),
        NoBody("204", "HTTP/1.1 204 No Content|A: b||", "HTTP/1.1 204 No Content|A: b|"),
            NoBody("204 with a length", "HTTP/1.1 204 No Content|Content-Length: 0|A: b||", "HTTP/1.1 204 No Content|A: b|", "Content-Length"),
        NoBody("204 with chunked", "HTTP/1.1 204 No Content|Transfer-Encoding: chunked|A: b||", "HTTP/1.1 204 No Content|A: b|", "chunked"),
        NoBody("304 with a length", "HTTP/1.1 304 Not Modified|Content-Length: 500||", "HTTP/1.1 304 Not Modified|Content-Length: 500|"),
        Surplus("204 with a body", "HTTP/1.1 204 No Content|Content-Length: 4||evil", "HTTP/1.1 204 No Content|"),
            Surplus("304 with a body", "HTTP/1.1 304 Not Modified|Content-Length: 4||evil", "HTTP/1.1 304 Not Modified|Content-Length: 4|"),
        Surplus("204 with a chunked body", "HTTP/1.1 204 No Content|Transfer-Encoding: chunked||4|evil|0||", "HTTP/1.1 204 No Content|"),
        Surplus("bytes behind an answer", $"{Sound}Content-Length: 2||okevil", $"{Sound}Content-Length: 2|", "ok"),
        Surplus("a second answer behind the first", $"{Sound}Content-Length: 2||okHTTP/1.1 200 OK|Content-Length: 4||evil", $"{Sound}Content-Length: 2|", "ok"),
        Head("HEAD with a length", $"{Sound}Content-Length: 500||", $"{Sound}Content-Length: 500|"),
            Head("HEAD without a length", $"{Sound}A: b||", $"{Sound}A: b|"),
        Head("HEAD with chunked", $"{Sound}Transfer-Encoding: chunked|A: b||", $"{Sound}A: b|"),
        Head("HEAD with a body", $"{Sound}Content-Length: 4||evil", $"{Sound}Content-Length: 4|") with { NeverReused = true, NeverGets = ["evil"] },
        Torn("a body shorter than its length", $"{Sound}Content-Length: 10||short"),
            Torn("a chunked body cut short", $"{Sound}Transfer-Encoding: chunked||5|sho"),
        Torn("a chunked body without its last chunk", $"{Sound}Transfer-Encoding: chunked||5|short|"),
    ];

    private static Probe Bad(string name, string section, string answer, Rank rank = Must) => new($"an answer: {name}", section, rank, Demand.BadGateway)
    {
        Sends = Probe.Lines("GET / HTTP/1.1|Host: h||"),
        Sees = [s_seen],
        Answers = Probe.Lines(answer),
        Status = 502,
        NeverReused = true,
        // What is no answer yet has to end for the proxy to know.
        ReplicaCloses = !answer.Contains("||", StringComparison.Ordinal),
        MayPass = section is "9112 §4" or "9112 §5" or "9112 §2.2" or "9110 §5.5" or "9110 §15" ? IsSound : null,
    };

    // No proxy may send what the grammar does not have (RFC 9110 §2.2); it may mend it.
    private static bool IsSound(string got) => SoundHead().IsMatch(got);

    private static Probe Chunk(string name, string body, Rank rank = Should) =>
        Bad($"chunked, {name}", "9112 §7.1", $"{Sound}Transfer-Encoding: chunked||{body}", rank) with { MayBreakOff = true };

    private static bool Unfolded(string got) => !got.Contains("\r\n ", StringComparison.Ordinal);

    private static Probe Good(
        string name, string section, Rank rank, string answer, string passed, string body = "ok", bool isChunked = false, string version = "1.1") =>
        new($"an answer: {name}", section, rank, Demand.Forward)
        {
            Sends = Probe.Lines("GET / HTTP/1.1|Host: h||"),
            Sees = [s_seen],
            Answers = Probe.Lines(answer),
            Gets = isChunked
                ? Probe.Lines($"{Sound}Transfer-Encoding: chunked|Date: *|Via: 1.1 edge||{body}")
                : Probe.Passed(passed, body, version: version),
        };

    private static Probe Date() => new("an answer: Date", "9110 §6.6.1", Must, Demand.Forward)
    {
        Sends = Probe.Lines("GET / HTTP/1.1|Host: h||"),
        Sees = [s_seen],
        Answers = Probe.Lines($"{Sound}Content-Length: 2||ok"),
        Gets = OkGets,
        GetsAnyway = ["\r\nDate: "],
    };

    private static Probe Closing(string name, string answer, string body) => new($"an answer: {name}", "9112 §6.3", Must, Demand.Forward)
    {
        Sends = Probe.Lines("GET / HTTP/1.1|Host: h||"),
        Sees = [s_seen],
        Answers = Probe.Lines(answer),
        ReplicaCloses = true,
        Closes = true,
        Gets = Probe.Passed($"{Sound}A: b|", body, "Connection: close|"),
        NeverReused = true,
    };

    private static Probe NoBody(string name, string answer, string passed, params string[] never) =>
        new($"an answer: {name}", "9112 §6.3", Must, Demand.Forward)
        {
            Sends = Probe.Lines("GET / HTTP/1.1|Host: h||"),
            Sees = [s_seen],
            Answers = Probe.Lines(answer),
            Gets = Probe.Passed(passed, ""),
            NeverGets = never,
        };

    private static Probe Surplus(string name, string answer, string passed, string body = "") => new($"an answer: {name}", "9112 §6.3", Must, Demand.Forward)
    {
        Sends = Probe.Lines("GET / HTTP/1.1|Host: h||"),
        Sees = [s_seen],
        Answers = Probe.Lines(answer),
        Gets = Probe.Passed(passed, body),
        NeverReused = true,
        NeverGets = ["evil"],
    };

    private static Probe Head(string name, string answer, string passed) => new($"an answer: {name}", "9110 §9.3.2", Must, Demand.Forward)
    {
        Sends = Probe.Lines("HEAD / HTTP/1.1|Host: h||"),
        Sees = [s_head],
        Answers = Probe.Lines(answer),
        Gets = Probe.Passed(passed, ""),
    };

    [GeneratedRegex(@"\AHTTP/1\.[01] [1-5][0-9]{2} [\t -~\u0080-\u00ff]*\r\n(?:[!#$%&'*+\-.^_`|~0-9A-Za-z]+:[\t -~\u0080-\u00ff]*\r\n)*\r\n")]
    private static partial Regex SoundHead();

    // Never to be taken for whole: the client's connection breaks off, too.
    private static Probe Torn(string name, string answer) => new($"an answer: {name}", "9112 §8", Must, Demand.BadGateway)
    {
        Sends = Probe.Lines("GET / HTTP/1.1|Host: h||"),
        Sees = [s_seen],
        Answers = Probe.Lines(answer),
        ReplicaCloses = true,
        Closes = true,
        NeverReused = true,
        BreaksOff = true,
    };
}
