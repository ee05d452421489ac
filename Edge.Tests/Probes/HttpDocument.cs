using System.Text;
using System.Text.RegularExpressions;

namespace Edge.Tests.Probes;

/// <summary>The tables of docs/http.md, from the probes and from what the peers made of them.</summary>
internal static partial class HttpDocument
{
    private const int ShownAtMost = 260;

    private static readonly (string Claim, Func<Probe, bool> Covers)[] s_claims =
    [
        ("Fields that `Connection` names are removed, from requests and answers", p => p.Subject == "Fields for one hop" && p.Rank == Rank.Must
            && p.Name.Contains("that Connection names", StringComparison.Ordinal) || p.Name.Contains("Connection fields name", StringComparison.Ordinal)),
        ("A missing or doubled `Host` is refused", p => p.Name is "no Host" or "no fields at all"
            or "absolute form without Host" or "absolute form with two Hosts" || p.Name.StartsWith("two Hosts", StringComparison.Ordinal)),
        ("A malformed `Host` is refused", p => p.Subject == "Host" && p.Rank == Rank.Must && p.Demand == Demand.Refuse
            && !p.Name.StartsWith("two Hosts", StringComparison.Ordinal) && !p.Name.StartsWith("no ", StringComparison.Ordinal)),
        ("The absolute form becomes the origin form, and its host replaces `Host`", p => p.Section == "9112 §3.2.2"),
        ("A malformed length is refused", p => p.Subject == "Lengths" && p.Rank == Rank.Must && p.Status == 400),
        ("A transfer coding that does not end in chunked is refused",
            p => p.Subject == "Transfer codings" && p.Rank == Rank.Must && p.Status == 400 && p.Section == "9112 §6.3"),
        ("No `Transfer-Encoding` to a client of HTTP/1.0", p => p.Name.StartsWith("a chunked answer to a client", StringComparison.Ordinal)),
        ("No 1xx to a client of HTTP/1.0", p => p.Name is "103 to a client of HTTP/1.0" or "100 to a client of HTTP/1.0" or "an expectation in HTTP/1.0"),
        ("Malformed status lines are never passed on", p => p.Demand == Demand.BadGateway && p.Rank == Rank.Must && p.Section is "9112 §4" or "9110 §15"),
        ("Answers of doubtful length are never passed on",
            p => p.Demand == Demand.BadGateway && p.Rank == Rank.Must && p.Section is "9112 §6.3" or "9112 §6.1" or "9110 §8.6"),
        ("101 that nobody asked for is never passed on", p => p.Section == "9110 §15.2.2"),
        ("100 that nobody asked for is never passed on", p => p.Name.EndsWith("100 that nobody asked for", StringComparison.Ordinal)),
        ("Clients that have ended their direction are served", p => p.Name.StartsWith("a client that ends its direction", StringComparison.Ordinal)),
        ("`Max-Forwards` is counted down, and ends a request's way", p => p.Section == "9110 §7.6.2" && p.Rank == Rank.Must),
    ];

    internal static string Summary(Peers peers)
    {
        Probe[] asked = [.. ProbeList.All.Where(p => !p.IsTrusted)];
        int trusted = ProbeList.All.Length - asked.Length;
        var text = new StringBuilder();
        text.Append($"| {ProbeList.All.Length} probes | | Edge |{Columns(peers)}|---|---|---|---|---|\n");
        Row("what the section requires (MUST)", p => p.Rank == Rank.Must);
        Row("what it recommends (SHOULD)", p => p.Rank == Rank.Should);
        Row("where it leaves a choice: as Edge chose", p => p.Rank == Rank.Choice);
        text.Append($"\n{trusted} more are about proxies that Edge is told to trust; the peers are not asked about those.\n\n");
        text.Append($"| | probes | Edge |{Columns(peers)}|---|---|---|---|---|\n");
        foreach ((string claim, Func<Probe, bool> covers) in s_claims)
        {
            Row(claim, covers);
        }

        return text.ToString();

        void Row(string name, Func<Probe, bool> which)
        {
            Probe[] some = [.. asked.Where(which)];
            Assert.True(some.Length > 0, name);
            IEnumerable<int> met = PeerProcess.Names.Select(n => some.Count(p => Objection(p, peers, n) is null));
            text.Append($"| {name} | {some.Length} | {some.Length} | {string.Join(" | ", met.Select(m => m == some.Length ? $"{m}" : $"**{m}**"))} |\n");
        }
    }

    internal static string Tables(Peers peers)
    {
        var text = new StringBuilder();
        foreach (IGrouping<string, Probe> subject in ProbeList.All.GroupBy(p => p.Subject))
        {
            text.Append($"### {subject.Key}\n\n| | RFC | bytes | the replica sees | the client gets |{Columns(peers)}|---|---|---|---|---|---|---|\n");
            foreach (Probe probe in subject)
            {
                string[] cells = [probe.Name, $"{probe.Section} {RankOf(probe)}", Bytes(probe), Sees(probe), Gets(probe),
                    .. PeerProcess.Names.Select(n => Peer(probe, peers, n))];
                text.Append($"| {string.Join(" | ", cells)} |\n");
            }

            text.Append('\n');
        }

        return text.ToString();
    }

    /// <summary>The route probes, one a row.</summary>
    internal static string Routes()
    {
        var text = new StringBuilder("| | bytes | who answers | what its replica is asked for |\n|---|---|---|---|\n");
        foreach (RouteProbe probe in RouteProbes.All)
        {
            bool isForwarded = probe.Service.Length > 0;
            text.Append($"| {probe.Name} | {Code(Probe.Lines(probe.Sends))} | {(isForwarded ? probe.Service : $"the balancer: {probe.Sees}")} | ");
            text.Append($"{(isForwarded ? Code(probe.Sees) : "nothing")} |\n");
        }

        return text.ToString();
    }

    private static string Columns(Peers peers) => string.Concat(PeerProcess.Names.Select(n => $" {n} {peers.Versions[n]} |")) + "\n";

    private static string RankOf(Probe probe) => probe.Rank switch
    {
        Rank.Must => "MUST",
        Rank.Should => "SHOULD",
        _ => "choice",
    };

    private static string Bytes(Probe probe)
    {
        string answer = probe.Answers == Probe.Ok ? "" : $" answered by {Code(probe.Answers)}{(probe.ReplicaCloses ? ", closed" : "")}";
        string before = probe.BeforeBody.Length == 0 ? "" : $" answered at the head by {Code(probe.BeforeBody)}";
        return $"{Code(probe.Sends)}{(probe.Then.Length > 0 ? $", then {Code(probe.Then)}" : "")}{(probe.Finishes ? ", ended" : "")}{before}{answer}";
    }

    private static string Sees(Probe probe)
    {
        string[] seen = [.. probe.Sees.Select(s => Added().Replace(s, "\u271a${kept}\r\n"))];
        string all = string.Concat(seen).Replace("\u271a", "", StringComparison.Ordinal);
        return seen.Length == 0 ? "nothing" : all == probe.Sends + probe.Then ? "as sent" : string.Join(" and ", seen.Select(Code));
    }

    private static string Gets(Probe probe)
    {
        if (probe.BreaksOff)
        {
            return "what there is, closed";
        }

        string own = probe.Status == 0 ? "" : $"{probe.Status}{(probe.MayBreakOff ? ", or broken off" : "")}";
        string text = probe.GetsBefore + probe.Gets;
        string plain = AddedToAnswer().Replace(text, "");
        int requests = Math.Max(1, probe.Sees.Length);
        string passed = text.Length == 0 ? "" : plain == string.Concat(Enumerable.Repeat(probe.Answers, requests)) ? "as answered" : Code(plain);
        return string.Join(", ", new[] { passed, own, probe.Closes ? "closed" : "" }.Where(t => t.Length > 0));
    }

    private static string Peer(Probe probe, Peers peers, string name)
    {
        if (probe.IsTrusted)
        {
            return "not asked";
        }

        ProbeRecord record = peers.Answers[probe.Name].Records[name].Unpacked();
        string summary = ProbeJudge.Summary(probe, record);
        if (Objection(probe, peers, name) is not { } objection)
        {
            return $"\u2714 {summary}";
        }

        string told = summary.StartsWith(objection, StringComparison.Ordinal)
            ? summary
            : $"{objection.Replace("|", "\\|", StringComparison.Ordinal)}: {summary}";
        return $"{(probe.Rank == Rank.Choice ? "\u2260" : "\u2718")} {told}";
    }

    private static string? Objection(Probe probe, Peers peers, string name) =>
        ProbeJudge.Objection(probe, peers.Answers[probe.Name].Records[name].Unpacked());

    private static string Code(string text)
    {
        string shown = ProbeText.Shown(text.Replace("\u271a", "\u00ab\u00bb", StringComparison.Ordinal)).Replace("\\r\\n", "\u23ce", StringComparison.Ordinal)
            .Replace("\u00ab\u00bb", "\u271a", StringComparison.Ordinal);
        if (shown.Length > ShownAtMost)
        {
            shown = $"{shown[..(ShownAtMost / 2)]} \u2026 {shown[^(ShownAtMost / 4)..]}";
        }

        string fence = shown.Contains('`', StringComparison.Ordinal) ? "`` " : "`";
        string end = fence.Length > 1 ? " ``" : "`";
        return fence + shown.Replace("|", "\\|", StringComparison.Ordinal) + end;
    }

    // What every request gets on its way; a line for the transfer coding or the hops that are left may stand among it.
    [GeneratedRegex(@"X-Forwarded-For: 127\.0\.0\.1\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Host: [^\r]*\r\n(?<kept>(?:[^\r]+\r\n)*)\r\n")]
    private static partial Regex Added();

    [GeneratedRegex(@"(?<=\r\n)(?:Date: \*|Via: 1\.[01] edge)\r\n")]
    private static partial Regex AddedToAnswer();
}
