using System.Text.RegularExpressions;

namespace Edge.Tests.Probes;

/// <summary>How much the section that a probe names leaves to choose.</summary>
internal enum Rank
{
    /// <summary>A requirement (MUST, MUST NOT) of the section.</summary>
    Must,

    /// <summary>A recommendation (SHOULD) of the section.</summary>
    Should,

    /// <summary>The section leaves a choice, and docs/http.md says why it was made so.</summary>
    Choice,
}

/// <summary>What any proxy has to do with the bytes of a probe, however it writes what it forwards.</summary>
internal enum Demand
{
    /// <summary>No whole request reaches the replica, and the client gets 4xx, 5xx or the end of its connection.</summary>
    Refuse,

    /// <summary>The replica sees what was sent, and the client gets the answer.</summary>
    Forward,

    /// <summary>The client gets an answer, and the replica sees nothing.</summary>
    Answer,

    /// <summary>
    /// The client gets 502, or its connection breaks off before an answer is whole; the next request is not answered with what is left of this one.
    /// </summary>
    BadGateway,
}

/// <summary>
/// Bytes that a client sends, bytes that a replica answers with, and what has to come of them. In all texts a bar stands
/// for CRLF and a broken bar for a bar, so that lines can be read.
/// </summary>
/// <param name="Name">What is tried, as a row of the table shows it.</param>
/// <param name="Section">Of the RFC that decides, as "9112 §6.3".</param>
/// <param name="Rank">How far it decides.</param>
/// <param name="Demand">What is demanded of any proxy.</param>
internal sealed record Probe(string Name, string Section, Rank Rank, Demand Demand)
{
    internal const string Ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    /// <summary>What the probe belongs to, one section of the table.</summary>
    internal string Subject { get; init; } = "";

    /// <summary>What the client sends.</summary>
    internal required string Sends { get; init; }

    /// <summary>What the client sends once it has got the first bytes of an answer.</summary>
    internal string Then { get; init; } = "";

    /// <summary>The client ends its direction behind what it sends.</summary>
    internal bool Finishes { get; init; }

    /// <summary>What the replica sends between a request's head and its body.</summary>
    internal string BeforeBody { get; init; } = "";

    /// <summary>What the replica answers each request with.</summary>
    internal string Answers { get; init; } = Ok;

    /// <summary>The replica closes behind its answer.</summary>
    internal bool ReplicaCloses { get; init; }

    /// <summary>The balancer may believe the client, as a proxy in front of it.</summary>
    internal bool IsTrusted { get; init; }

    /// <summary>What the replica sees of it through Edge: whole messages, byte for byte.</summary>
    internal string[] Sees { get; init; } = [];

    /// <summary>What the client gets from Edge byte for byte, "Date: *" for the present; empty where only the status of a refusal counts.</summary>
    internal string Gets { get; init; } = "";

    /// <summary>The status of Edge's own refusal, 0 for none.</summary>
    internal int Status { get; init; }

    /// <summary>What the client gets from Edge before a refusal.</summary>
    internal string GetsBefore { get; init; } = "";

    /// <summary>The client gets some of the answer, and then the end of its connection.</summary>
    internal bool BreaksOff { get; init; }

    /// <summary>Whether Edge closes the client's connection.</summary>
    internal bool Closes { get; init; }

    /// <summary>Split where the answer's head has gone out before the fault came, the connection breaks off instead of a 502.</summary>
    internal bool MayBreakOff { get; init; }

    /// <summary>
    /// More comes behind the last request of the connection. Split there, it meets a closed connection, and the kernel's reset may
    /// overtake the answer: the client must not send it (RFC 9112 §9.6).
    /// </summary>
    internal bool GoesOnAfterClose { get; init; }

    /// <summary>Field lines that the replica has to see through any proxy, as "Name: value".</summary>
    internal string[] Needs { get; init; } = [];

    /// <summary>Pieces of text that the replica must not see through any proxy.</summary>
    internal string[] Lacks { get; init; } = [];

    /// <summary>What a proxy may also do that <see cref="Demand"/> has refuse: forward what its section lets it become. Null where it lets nothing.</summary>
    internal Func<string, bool>? MayBecome { get; init; }

    /// <summary>What a proxy may also do that <see cref="Demand"/> has answer 502: pass on what its section lets it become.</summary>
    internal Func<string, bool>? MayPass { get; init; }

    /// <summary>The client's connection has to be closed by any proxy.</summary>
    internal bool ClosesAnyway { get; init; }

    /// <summary>A proxy may refuse it instead of forwarding it.</summary>
    internal bool MayBeRefused { get; init; }

    /// <summary>Pieces of text that the client has to get through any proxy.</summary>
    internal string[] GetsAnyway { get; init; } = [];

    /// <summary>Pieces of text that the client must not get through any proxy.</summary>
    internal string[] NeverGets { get; init; } = [];

    /// <summary>
    /// The connection on which the replica answered does not carry another request; of other proxies demanded where <see cref="EndsUpstream"/>.
    /// </summary>
    internal bool NeverReused { get; init; }

    /// <summary>Whether the section has every proxy close that connection: RFC 9112 §6.3 for invalid lengths, §9.6 for close.</summary>
    internal bool EndsUpstream => NeverReused && ((Demand == Demand.BadGateway && Section == "9112 §6.3") || Section == "9112 §9.6");

    /// <summary>Whether the client's request is for a head alone, which no body follows.</summary>
    internal bool IsHead => Sends.StartsWith("HEAD ", StringComparison.Ordinal);

    public override string ToString() => Name;

    /// <summary>CRLF for bars, bars for broken bars.</summary>
    internal static string Lines(string text) => text.Replace("|", "\r\n", StringComparison.Ordinal).Replace('\u00a6', '|');

    /// <summary>What Edge makes of a head that it forwards: the lines given, then those that it adds.</summary>
    /// <param name="lines">Request line and fields, each ended by a bar.</param>
    /// <param name="host">As in X-Forwarded-Host.</param>
    /// <param name="framing">Lines for the transfer coding and the like, or nothing.</param>
    /// <param name="body">As on the wire.</param>
    internal static string Seen(string lines, string host = "h", string framing = "", string body = "") => Lines(
        $"{lines}X-Forwarded-For: 127.0.0.1|X-Forwarded-Proto: http|X-Forwarded-Host: {host}|{framing}|{body}");

    /// <summary>What Edge makes of a response: the lines given, those that it adds, and the body.</summary>
    /// <param name="lines">Status line and fields, each ended by a bar.</param>
    /// <param name="body">As on the wire.</param>
    /// <param name="behind">Lines behind the date: Connection.</param>
    /// <param name="version">Of the message as it came, in Via.</param>
    internal static string Passed(string lines, string body, string behind = "", string version = "1.1") =>
        Lines($"{lines}Date: *|{behind}Via: {version} edge||{body}");
}

/// <summary>Texts of probes as they are shown and kept: in visible ASCII, long runs of one character counted.</summary>
internal static partial class ProbeText
{
    /// <summary>Runs of the same letter or digit as one of them and their number.</summary>
    internal static string Packed(string text) => Runs().Replace(text, run => $"\u00ab{run.Value[0]}\u00d7{run.Length}\u00bb");

    /// <summary>As it was before <see cref="Packed"/>.</summary>
    internal static string Unpacked(string text) =>
        Counts().Replace(text, run => new string(run.Groups["one"].Value[0], int.Parse(run.Groups["count"].Value)));

    internal static string Shown(string text)
    {
        return string.Concat(Packed(text).Select(c => c switch
        {
            '\r' => "\\r",
            '\n' => "\\n",
            '\t' => "\\t",
            '\u00ab' or '\u00bb' or '\u00d7' => c.ToString(),
            < ' ' or > '~' => $"\\x{(int)c:x2}",
            _ => c.ToString(),
        }));
    }

    // A reader does not count twenty-four of the same byte.
    [GeneratedRegex(@"\u00ab(?<one>.)\u00d7(?<count>\d+)\u00bb")]
    private static partial Regex Counts();

    [GeneratedRegex(@"([A-Za-z0-9])\1{23,}")]
    private static partial Regex Runs();
}
