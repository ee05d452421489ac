using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Edge.Tests.Backends;

namespace Edge.Tests.Probes;

/// <summary>HAProxy or nginx in front of one replica, with the configuration of loadtests/probes.</summary>
internal sealed class PeerProcess : IAsyncDisposable
{
    internal static readonly string[] Names = ["HAProxy", "nginx"];

    private static int s_port = 22_000;

    private readonly Process _process;
    private readonly DirectoryInfo _work;

    private PeerProcess(Process process, DirectoryInfo work, IPEndPoint address)
    {
        _process = process;
        _work = work;
        Address = address;
    }

    internal IPEndPoint Address { get; }

    internal static async Task<PeerProcess> StartAsync(string name, IPEndPoint replica)
    {
        DirectoryInfo work = Directory.CreateTempSubdirectory("edge-probes");
        IPEndPoint address = FreeAddress();
        bool isHaproxy = name == "HAProxy";
        string template = Repository.Read($"loadtests/probes/{(isHaproxy ? "haproxy.cfg" : "nginx.conf")}.in");
        string file = Path.Combine(work.FullName, "conf");
        await File.WriteAllTextAsync(
            file, template.Replace("@PORT@", $"{address.Port}").Replace("@BACKEND@", $"{replica.Port}").Replace("@WORK@", work.FullName));
        string[] arguments = isHaproxy ? ["-db", "-f", file] : ["-p", work.FullName, "-c", file, "-e", Path.Combine(work.FullName, "nginx.log")];
        var peer = new PeerProcess(Process.Start(Command(name, arguments))!, work, address);
        await Quiet.UntilAsync(() => IsListening(address), $"{name} listens", TimeSpan.FromSeconds(20));
        return peer;
    }

    /// <summary>The version, as the peer itself says it.</summary>
    internal static async Task<string> VersionAsync(string name)
    {
        using Process process = Process.Start(Command(name, ["-v"]))!;
        string text = await process.StandardOutput.ReadToEndAsync() + await process.StandardError.ReadToEndAsync();
        return text.Split([' ', '/', '-', '\n']).First(w => w.Length > 0 && char.IsAsciiDigit(w[0]));
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _work.Delete(recursive: true);
    }

    private static ProcessStartInfo Command(string name, string[] arguments) =>
        new($"/usr/sbin/{name.ToLowerInvariant()}", arguments) { RedirectStandardOutput = true, RedirectStandardError = true };

    // Below the ports that the kernel chooses, and each once: HAProxy would share its port with another process that listens there.
    private static IPEndPoint FreeAddress()
    {
        while (true)
        {
            var address = new IPEndPoint(IPAddress.Loopback, Interlocked.Increment(ref s_port));
            var listener = new TcpListener(address) { ExclusiveAddressUse = true };
            try
            {
                listener.Start();
                listener.Stop();
                return address;
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
            {
                // Another process has this port: try the next one.
            }
        }
    }

    private static async Task<bool> IsListening(IPEndPoint address)
    {
        using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(address);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
