using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Edge.Tests.Backends;

namespace Edge.Tests.Probes;

/// <summary>
/// What Edge forwards means the same to other parsers: Node's (llhttp) and HAProxy's. Either may refuse what it does not
/// support; neither may take it for something else.
/// </summary>
public class DifferentialTests
{
    // llhttp knows methods by name, and takes one of its names in other letters for none.
    private static readonly string[] s_unknownToNode =
        ["a method in small letters", "a method in mixed letters", "a method of every kind of character", "the method VERSION-CONTROL"];

    // HAProxy refuses these, as docs/http.md says.
    private static readonly string[] s_refusedByHaproxy = [];

    private static Probe[] Forwarded { get; } = [.. ProbeList.All.Where(p => p.Sees.Length > 0)];

    [Fact]
    public async Task Node_reads_what_Edge_forwards_as_Edge_meant_it()
    {
        Assert.SkipUnless(
            File.Exists("/usr/bin/node") || Environment.GetEnvironmentVariable("EDGE_NATIVE") is not null, "Node is not installed; ./test.sh installs it.");
        string[] messages = [.. Forwarded.SelectMany(p => p.Sees)];
        NodeRequest[][] answers = await AskNodeAsync(messages);
        Assert.Equal(messages.Length, answers.Length);
        var differences = new List<string>();
        int at = 0;
        foreach (Probe probe in Forwarded)
        {
            foreach (string message in probe.Sees)
            {
                string read = Shown(answers[at++]);
                string meant = s_unknownToNode.Contains(probe.Name) ? "refused" : Shown(HttpReading.Request(message));
                if (read != meant)
                {
                    differences.Add($"{probe.Name}: {meant} was read as {read}");
                }
            }
        }

        Assert.Empty(differences);
    }

    [Fact]
    public void HAProxy_reads_what_Edge_forwards_as_Edge_meant_it()
    {
        var peers = Peers.Read();
        var differences = new List<string>();
        foreach (Probe probe in Forwarded.Where(p => !p.IsTrusted && p.Demand == Demand.Forward))
        {
            string read = string.Join(" and ", peers.Answers[probe.Name].Relayed.Select(r => Comparable(ProbeText.Unpacked(r))));
            string meant = s_refusedByHaproxy.Contains(probe.Name) ? "" : string.Join(" and ", probe.Sees.Select(Comparable));
            if (read != meant)
            {
                differences.Add($"{probe.Name}: {meant} was read as {read}");
            }
        }

        Assert.Empty(differences);
    }

    // HAProxy writes names in small letters and X-Forwarded-* anew, and may frame a body as it likes.
    private static string Comparable(string text)
    {
        HttpReading message = HttpReading.Request(text);
        IEnumerable<string> fields = message.Fields.Select(f => $"{f.Name.ToLowerInvariant()}: {f.Value}")
            .Where(f => !f.StartsWith("x-forwarded-", StringComparison.Ordinal) && !f.StartsWith("transfer-encoding:", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal);
        return ProbeText.Shown($"{message.Asked} [{string.Join('\n', fields)}] {message.Body}");
    }

    private static string Shown(HttpReading message) =>
        Shown(message.Asked, message.Fields.SelectMany(f => new[] { f.Name, f.Value }), message.Trailers.SelectMany(f => new[] { f.Name, f.Value }),
            message.Body);

    private static string Shown(NodeRequest[] requests) => requests.Length == 0
        ? "refused"
        : string.Join(" and ", requests.Select(r => Shown($"{r.method} {r.target}", r.fields, r.trailers, r.body)));

    private static string Shown(string asked, IEnumerable<string> fields, IEnumerable<string> trailers, string body) =>
        ProbeText.Shown($"{asked} [{string.Join('\n', fields)}] {body} [{string.Join('\n', trailers)}]");

    private static async Task<NodeRequest[][]> AskNodeAsync(string[] messages)
    {
        string script = Path.Combine(Repository.Root, "loadtests/probes/llhttp.mjs");
        using Process node = Process.Start(new ProcessStartInfo("node", [script]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        await node.StandardInput.WriteAsync(JsonSerializer.Serialize(messages.Select(m => Convert.ToBase64String(Encoding.Latin1.GetBytes(m)))));
        node.StandardInput.Close();
        string answer = await node.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await node.WaitForExitAsync(TestContext.Current.CancellationToken);
        return JsonSerializer.Deserialize<NodeRequest[][]>(answer)!;
    }

    private sealed record NodeRequest(string method, string target, string[] fields, string body, string[] trailers);
}
