using static Edge.Tests.Probes.Make;
using static Edge.Tests.Probes.Rank;

namespace Edge.Tests.Probes;

/// <summary>Header fields as lines: RFC 9112 §2.2 and §5, RFC 9110 §5.</summary>
internal static class FieldProbes
{
    internal static Probe[] All { get; } =
    [
        Forwarded("order, letters, repeats and inner white space of fields", "9110 §5.3", Must, "GET / HTTP/1.1|b: 2|Host: h|A: 1|a:3|A:  x  y \t|Empty:||",
            Probe.Seen("GET / HTTP/1.1|b: 2|Host: h|A: 1|a:3|A:  x  y \t|Empty:|")),
        Forwarded("bytes above ASCII in a value", "9110 §5.5", Should, "GET / HTTP/1.1|Host: h|A: caf\u00e9 \u0080\u00ff||",
            Probe.Seen("GET / HTTP/1.1|Host: h|A: caf\u00e9 \u0080\u00ff|")) with { Needs = ["A: caf\u00e9 \u0080\u00ff"] },
        Forwarded("a tab inside a value", "9110 §5.5", Must, "GET / HTTP/1.1|Host: h|A: x\ty||",
            Probe.Seen("GET / HTTP/1.1|Host: h|A: x\ty|")) with { Needs = ["A: x\ty"] },
        Forwarded("every character of a name", "9110 §5.6.2", Must, "GET / HTTP/1.1|Host: h|!#$%&'*+-.^_`\u00a6~09azAZ: x||",
            Probe.Seen("GET / HTTP/1.1|Host: h|!#$%&'*+-.^_`\u00a6~09azAZ: x|")),
        Forwarded("commas, quotes and colons in a value", "9110 §5.5", Must, "GET / HTTP/1.1|Host: h|A: a:b, \"c\\\"d, e\" ;f||",
            Probe.Seen("GET / HTTP/1.1|Host: h|A: a:b, \"c\\\"d, e\" ;f|")) with { Needs = ["A: a:b, \"c\\\"d, e\" ;f"] },
        Bad("a bare line feed behind the request line", "9112 §2.2", Choice, "GET / HTTP/1.1\nHost: h||"),
        Bad("a bare line feed behind a field", "9112 §2.2", Choice, "GET / HTTP/1.1|Host: h\nA: b||"),
        Bad("a bare line feed for the empty line", "9112 §2.2", Choice, "GET / HTTP/1.1|Host: h|\n"),
        Bad("bare line feeds alone", "9112 §2.2", Choice, "GET / HTTP/1.1\nHost: h\n\n"),
        Bad("a bare carriage return inside a value", "9112 §2.2", Must, "GET / HTTP/1.1|Host: h|A: b\rc||") with { MayBecome = Blanked },
        Bad("a bare carriage return that hides a field", "9112 §2.2", Must,
            "GET / HTTP/1.1|Host: h|A: b\rContent-Length: 5||hello") with { MayBecome = Blanked },
        Bad("a bare carriage return before CRLF", "9112 §2.2", Must, "GET / HTTP/1.1|Host: h|A: b\r||") with { MayBecome = Blanked },
        Bad("a bare carriage return behind the request line", "9112 §2.2", Must, "GET / HTTP/1.1\rHost: h||") with { MayBecome = Blanked },
        Bad("a bare carriage return in a name", "9112 §2.2", Must, "GET / HTTP/1.1|Host: h|A\rB: c||") with { MayBecome = Blanked },
        Bad("a NUL in a value", "9110 §5.5", Must, "GET / HTTP/1.1|Host: h|A: b\0c||") with { MayBecome = Blanked },
        Bad("a NUL in a name", "9110 §5.6.2", Should, "GET / HTTP/1.1|Host: h|A\0: b||"),
        Bad("a line feed and a NUL", "9110 §5.5", Must, "GET / HTTP/1.1|Host: h|A: b\0\nC: d||") with { MayBecome = Blanked },
        Bad("an escape character in a value", "9110 §5.5", Choice, "GET / HTTP/1.1|Host: h|A: b\u001b[31m||"),
        Bad("a delete character in a value", "9110 §5.5", Choice, "GET / HTTP/1.1|Host: h|A: b\u007f||"),
        Bad("a vertical tab in a value", "9110 §5.5", Choice, "GET / HTTP/1.1|Host: h|A: b\vc||"),
        Bad("a folded line", "9112 §5.2", Must, "GET / HTTP/1.1|Host: h|A: b| c||") with { MayBecome = Unfolded },
        Bad("a line folded by a tab", "9112 §5.2", Must, "GET / HTTP/1.1|Host: h|A: b|\tc||") with { MayBecome = Unfolded },
        Bad("a folded line that holds a field", "9112 §5.2", Must, "GET / HTTP/1.1|Host: h|A: b| Content-Length: 5||hello") with { MayBecome = Unfolded },
        Bad("white space before the first field", "9112 §2.2", Must,
            "GET / HTTP/1.1| Host: h||") with { MayBecome = seen => !seen.Contains(" Host", StringComparison.Ordinal) },
        Bad("a line of white space", "9112 §5.2", Must, "GET / HTTP/1.1|Host: h| |A: b||") with { MayBecome = Unfolded },
        Bad("a space before a colon", "9112 §5.1", Must, "GET / HTTP/1.1|Host: h|A : b||"),
        Bad("a tab before a colon", "9112 §5.1", Must, "GET / HTTP/1.1|Host: h|A\t: b||"),
        Bad("a space before the colon of Host", "9112 §5.1", Must, "GET / HTTP/1.1|Host : h||"),
        Bad("a space before the colon of a length", "9112 §5.1", Must, "POST / HTTP/1.1|Host: h|Content-Length : 5||hello"),
        Bad("an empty name", "9112 §5", Should, "GET / HTTP/1.1|Host: h|: b||"),
        Bad("a field without a colon", "9112 §5", Should, "GET / HTTP/1.1|Host: h|Nothing||"),
        Bad("a name with a space", "9112 §5", Should, "GET / HTTP/1.1|Host: h|A B: c||"),
        Bad("a name with a parenthesis", "9110 §5.6.2", Should, "GET / HTTP/1.1|Host: h|A(): b||"),
        Bad("a name with a slash", "9110 §5.6.2", Should, "GET / HTTP/1.1|Host: h|A/B: c||"),
        Bad("a name in quotes", "9110 §5.6.2", Should, "GET / HTTP/1.1|Host: h|\"A\": b||"),
        Bad("a name beyond ASCII", "9110 §5.6.2", Should, "GET / HTTP/1.1|Host: h|\u00c4: b||"),
        Refused("129 fields", "9110 §5.4", Choice, 431, $"GET / HTTP/1.1|Host: h|{string.Concat(Enumerable.Range(0, 129).Select(i => $"A{i}: b|"))}|"),
        Refused("a head of 40 KB", "9110 §5.4", Choice, 431, $"GET / HTTP/1.1|Host: h|A: {new string('a', 40_000)}||"),
    ];

    // RFC 9112 §5.2 lets spaces take the place of a line that is folded.
    private static bool Unfolded(string seen) =>
        !seen.Contains("\r\n ", StringComparison.Ordinal) && !seen.Contains("\r\n\t", StringComparison.Ordinal);

    // RFC 9112 §2.2 and RFC 9110 §5.5 let a space take the place of a bare carriage return, a line feed or a NUL.
    private static bool Blanked(string seen) =>
        !seen.Contains('\0', StringComparison.Ordinal) && !seen.Replace("\r\n", "", StringComparison.Ordinal).AsSpan().ContainsAny('\r', '\n');

    private static Probe Bad(string name, string section, Rank rank, string sends) => Refused(name, section, rank, 400, sends);
}
