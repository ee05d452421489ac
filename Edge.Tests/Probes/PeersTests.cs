namespace Edge.Tests.Probes;

/// <summary>The file with the peers' answers; loadtests/probes/run.sh has this class write it anew.</summary>
public class PeersTests
{
    [Fact]
    public async Task The_peers_were_asked_with_the_same_bytes()
    {
        if (Environment.GetEnvironmentVariable("EDGE_PROBES_PEERS") == "1")
        {
            await Peers.RecordAsync();
        }

        var peers = Peers.Read();
        string[] stale =
            [.. ProbeList.All.Where(p => !p.IsTrusted).Where(p => peers.Answers.GetValueOrDefault(p.Name)?.Of != Peers.FingerprintOf(p)).Select(p => p.Name)];
        Assert.True(stale.Length == 0, $"loadtests/probes/run.sh has to ask the peers again about: {string.Join("; ", stale)}");
        Assert.Equal(PeerProcess.Names, peers.Versions.Keys);
    }
}
