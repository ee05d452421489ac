using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Edge.Tests.Backends;

namespace Edge.Tests.Chaos;

/// <summary>HAProxy or nginx of this machine, with its template of loadtests/reliability, in front of three replicas.</summary>
internal sealed class PeerBalancer : IAsyncDisposable
{
    private readonly DirectoryInfo _work = Directory.CreateTempSubdirectory("edge-chaos-");
    private readonly Process _process;

    private PeerBalancer(
        string program, string template, Func<string, string, string[]> arguments, ChaosReplica[] replicas, TimeSpan answer, bool repeatsAll = false)
    {
        Endpoint = FreeEndpoint();
        string configuration = Repository.Read($"loadtests/reliability/{template}.in")
            .Replace("@GUARD@", repeatsAll ? "" : "http-request disable-l7-retry unless { method GET HEAD }")
            .Replace("@WORK@", _work.FullName)
            .Replace("@ANSWER@", answer.TotalSeconds.ToString("0", CultureInfo.InvariantCulture))
            .Replace("@PORT@", Endpoint.Port.ToString(CultureInfo.InvariantCulture));
        for (int i = 0; i < replicas.Length; i++)
        {
            configuration = configuration.Replace($"@REPLICA{i + 1}@", replicas[i].Address.ToString());
        }

        string file = Path.Combine(_work.FullName, template);
        File.WriteAllText(file, configuration);
        _process = Process.Start(new ProcessStartInfo(program, arguments(_work.FullName, file)))!;
    }

    internal IPEndPoint Endpoint { get; }

    /// <param name="replicas">Three.</param>
    /// <param name="answer">What they have for an answer.</param>
    /// <param name="repeatsAll">Whether retry-on holds for a POST too, which is the default.</param>
    internal static Task<PeerBalancer> StartHaproxyAsync(ChaosReplica[] replicas, TimeSpan answer, bool repeatsAll = false) =>
        UpAsync(new PeerBalancer("haproxy", "haproxy.cfg", (_, file) => ["-db", "-q", "-f", file], replicas, answer, repeatsAll));

    internal static Task<PeerBalancer> StartNginxAsync(ChaosReplica[] replicas, TimeSpan answer) =>
        UpAsync(new PeerBalancer("nginx", "nginx.conf", (work, file) => ["-p", work, "-c", file, "-e", Path.Combine(work, "nginx.log")], replicas, answer));

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            using Process kill = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]);
            await kill.WaitForExitAsync();
        }

        await _process.WaitForExitAsync();
        _process.Dispose();
        _work.Delete(recursive: true);
    }

    private static async Task<PeerBalancer> UpAsync(PeerBalancer peer)
    {
        await Quiet.UntilAsync(
            async () =>
            {
                try
                {
                    (await HttpPeer.ConnectAsync(peer.Endpoint, CancellationToken.None)).Dispose();
                    return true;
                }
                catch (SocketException)
                {
                    Assert.False(peer._process.HasExited, "it has ended");
                    return false;
                }
            },
            "it listens",
            TimeSpan.FromSeconds(10));
        return peer;
    }

    private static IPEndPoint FreeEndpoint()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return (IPEndPoint)listener.LocalEndpoint;
    }
}
