using static Edge.Tests.Probes.Make;
using static Edge.Tests.Probes.Rank;

namespace Edge.Tests.Probes;

/// <summary>What a client must not be able to say about itself, and what a proxy says: RFC 7239 §8.1, RFC 9110 §7.6.3.</summary>
internal static class ForwardedProbes
{
    internal static Probe[] All { get; } =
    [
        Forged("X-Forwarded-For: 6.6.6.6"), Forged("x-forwarded-for: 6.6.6.6"), Forged("X-Forwarded-Proto: https"), Forged("X-Forwarded-Host: evil"),
            Forged("X-Forwarded-Port: 6666"),
        Forged("X-Forwarded-Prefix: /evil"), Forged("X-Forwarded-Server: evil"), Forged("X-Forwarded-Ssl: on"), Forged("X-Real-IP: 6.6.6.6"),
            Forged("Forwarded: for=6.6.6.6"),
        Forged("X_Forwarded_For: 6.6.6.6"), Forged("X-Forwarded_For: 6.6.6.6"), Forged("x_real_ip: 6.6.6.6"), Forged("X_Forwarded_Prefix: /evil"),
            Forged("X_Request_ID: 1"), Forged("user_agent: curl"),
        Forwarded("forged fields, each twice", "7239 §8.1", Choice,
            "GET / HTTP/1.1|X-Forwarded-For: 6.6.6.6|Host: h|x-forwarded-for: 6.6.6.7|Forwarded: for=6.6.6.8|FORWARDED: for=6.6.6.9||",
            Probe.Seen("GET / HTTP/1.1|Host: h|")) with { Lacks = ["6.6.6."] },
        Forwarded("fields that only begin so", "9110 §7.6", Must, "GET / HTTP/1.1|Host: h|X-Forward: a|X-Forwarded: b|Forwarded-By: c|X-Real: d||",
            Probe.Seen("GET / HTTP/1.1|Host: h|X-Forward: a|X-Forwarded: b|Forwarded-By: c|X-Real: d|")) with { Needs = ["X-Forward: a", "Forwarded-By: c"] },
        Forwarded(
            "Edge's own fields in a request", "9110 §7.6", Choice, "GET / HTTP/1.1|Host: h|X-Edge-Replica: evil||", Probe.Seen("GET / HTTP/1.1|Host: h|")),
        Trusted("a trusted proxy's X-Forwarded-*", "X-Forwarded-For: 192.0.2.1|X-Forwarded-Proto: https|X-Forwarded-Host: a.example|",
            "X-Forwarded-Proto: https|X-Forwarded-Host: a.example|X-Forwarded-For: 192.0.2.1, 127.0.0.1|"),
        Trusted("a trusted proxy's two X-Forwarded-For", "X-Forwarded-For: 192.0.2.1|A: b|X-Forwarded-For: 192.0.2.2|",
            "A: b|X-Forwarded-For: 192.0.2.1, 192.0.2.2, 127.0.0.1|X-Forwarded-Proto: http|X-Forwarded-Host: h|"),
        Trusted("a trusted proxy's X-Real-IP and Forwarded", "X-Real-IP: 192.0.2.1|Forwarded: for=192.0.2.1|X-Forwarded-Port: 443|",
            "X-Real-IP: 192.0.2.1|Forwarded: for=192.0.2.1|X-Forwarded-Port: 443|X-Forwarded-For: 127.0.0.1|X-Forwarded-Proto: http|X-Forwarded-Host: h|"),
        Trusted("a trusted proxy's X_Forwarded_For", "X_Forwarded_For: 192.0.2.1|", "X-Forwarded-For: 127.0.0.1|X-Forwarded-Proto: http|X-Forwarded-Host: h|"),
        Forwarded("no Via for the replica, so that it compresses", "9110 §7.6.3", Choice, "GET / HTTP/1.1|Host: h||",
            Probe.Seen("GET / HTTP/1.1|Host: h|")) with { Lacks = ["Via:"] },
        new("no Via for the replica in a request of HTTP/1.0", "9110 §7.6.3", Choice, Demand.Forward)
        {
            Sends = Probe.Lines("GET / HTTP/1.0|Host: h||"), Sees = [Probe.Seen("GET / HTTP/1.1|Host: h|")], Gets = OkGetsAndCloses, Closes = true,
                Lacks = ["Via:"],
        },
        Forwarded("fields with underscores that nobody here knows", "9110 §5.1", Choice, "GET / HTTP/1.1|Host: h|own_field: a|Own_Other-Field: b||",
            Probe.Seen("GET / HTTP/1.1|Host: h|own_field: a|Own_Other-Field: b|")) with { Needs = ["own_field: a", "Own_Other-Field: b"] },
        Forwarded("Via of another proxy", "9110 §7.6.3", Must, "GET / HTTP/1.1|Host: h|Via: 1.0 fred, 1.1 other (text)|A: b||",
            Probe.Seen("GET / HTTP/1.1|Host: h|Via: 1.0 fred, 1.1 other (text)|A: b|")) with { Needs = ["Via: 1.0 fred, 1.1 other (text)"] },
    ];

    private static Probe Forged(string field) => Forwarded($"forged {field[..field.IndexOf(':', StringComparison.Ordinal)]}", "7239 §8.1", Choice,
        $"GET / HTTP/1.1|Host: h|{field}|A: b||", Probe.Seen("GET / HTTP/1.1|Host: h|A: b|")) with
    { Lacks = [field] };

    private static Probe Trusted(string name, string fields, string seen) => new(name, "7239 §4", Choice, Demand.Forward)
    {
        IsTrusted = true,
        Sends = Probe.Lines($"GET / HTTP/1.1|Host: h|{fields}|"),
        Sees = [Probe.Lines($"GET / HTTP/1.1|Host: h|{seen}|")],
        Gets = OkGets,
    };
}
