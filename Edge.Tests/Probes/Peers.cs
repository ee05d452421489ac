using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Edge.Tests.Backends;

namespace Edge.Tests.Probes;

/// <summary>What the peers made of the probes, as loadtests/probes/run.sh recorded it in peers.json.</summary>
internal sealed record Peers
{
    private const string Path = "Edge.Tests/Probes/peers.json";
    private const int AtOnce = 12;

    private static readonly JsonSerializerOptions s_json = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The version of each.</summary>
    public required Dictionary<string, string> Versions { get; init; }

    /// <summary>By probe: of which bytes, and by peer what came of them.</summary>
    public required SortedDictionary<string, PeerAnswers> Answers { get; init; }

    internal static Peers Read() => JsonSerializer.Deserialize<Peers>(Repository.Read(Path), s_json)!;

    /// <summary>Runs all probes through all peers and writes the file.</summary>
    internal static async Task RecordAsync()
    {
        var peers = new Peers { Versions = [], Answers = new SortedDictionary<string, PeerAnswers>(StringComparer.Ordinal) };
        foreach (string name in PeerProcess.Names)
        {
            peers.Versions[name] = await PeerProcess.VersionAsync(name);
        }

        foreach (Probe[] some in ProbeList.All.Where(p => !p.IsTrusted).Chunk(AtOnce))
        {
            PeerAnswers[] answers = await Task.WhenAll(some.Select(AskAsync));
            for (int i = 0; i < some.Length; i++)
            {
                peers.Answers[some[i].Name] = answers[i];
            }
        }

        string text = JsonSerializer.Serialize(peers, s_json);
        await File.WriteAllTextAsync(System.IO.Path.Combine(Repository.Root, Path), text + "\n");
    }

    /// <summary>Tells whether the bytes of a probe have changed since.</summary>
    internal static string FingerprintOf(Probe probe)
    {
        string all =
            string.Join('\n', probe.Sends, probe.Then, probe.Finishes, probe.BeforeBody, probe.Answers, probe.ReplicaCloses, string.Join('\n', probe.Sees));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.Latin1.GetBytes(all)))[..12];
    }

    private static async Task<PeerAnswers> AskAsync(Probe probe)
    {
        var records = new Dictionary<string, ProbeRecord>();
        foreach (string name in PeerProcess.Names)
        {
            records[name] = (await RunAsync(name, probe)).Packed();
        }

        string[] relayed = [];
        if (probe.Demand == Demand.Forward)
        {
            relayed = [.. (await RelayAsync(probe)).Select(ProbeText.Packed)];
        }

        return new PeerAnswers { Of = FingerprintOf(probe), Records = records, Relayed = relayed };
    }

    private static async Task<ProbeRecord> RunAsync(string name, Probe probe)
    {
        var replica = new RecordingReplica { Probe = probe };
        await using var backend = new Backend(replica.ServeAsync);
        await using PeerProcess peer = await PeerProcess.StartAsync(name, backend.Address);
        ClientOutcome outcome = await ProbeClient.RunQuietAsync(peer.Address, probe, replica);
        ClientOutcome later = await ProbeClient.RunQuietAsync(peer.Address, new Probe("", "", Rank.Must, Demand.Forward) { Sends = ProbeClient.AfterRequest });
        return new ProbeRecord
        {
            Seen = replica.Seen,
            Got = outcome.Got,
            Closed = outcome.Closed,
            After = outcome.After,
            Later = later.Got,
            Reused = replica.Reused > 0,
        };
    }

    // What HAProxy makes of the requests that Edge forwards: it reads them as Edge meant them, or it would write others.
    private static async Task<string[]> RelayAsync(Probe probe)
    {
        var replica = new RecordingReplica { Probe = probe with { Answers = Probe.Ok, BeforeBody = "", ReplicaCloses = false } };
        await using var backend = new Backend(replica.ServeAsync);
        await using PeerProcess peer = await PeerProcess.StartAsync("HAProxy", backend.Address);
        foreach (string message in probe.Sees)
        {
            await ProbeClient.RunQuietAsync(peer.Address, new Probe("", "", Rank.Must, Demand.Forward) { Sends = message });
        }

        return replica.Seen;
    }
}

/// <summary>What the peers made of one probe.</summary>
internal sealed record PeerAnswers
{
    /// <summary>See <see cref="Peers.FingerprintOf"/>.</summary>
    public required string Of { get; init; }

    /// <summary>By peer.</summary>
    public required Dictionary<string, ProbeRecord> Records { get; init; }

    /// <summary>What HAProxy forwards of what Edge forwards.</summary>
    public required string[] Relayed { get; init; }
}
