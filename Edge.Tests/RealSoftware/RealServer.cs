using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Edge.Tests.Backends;

namespace Edge.Tests.RealSoftware;

/// <summary>A server of another project, on a port of loopback, with a folder of its own.</summary>
internal sealed class RealServer : IAsyncDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _output = new();

    private RealServer(Process process, DirectoryInfo folder, IPEndPoint address)
    {
        (_process, Folder, Address) = (process, folder.FullName, address);
        process.OutputDataReceived += (_, e) => Note(e.Data);
        process.ErrorDataReceived += (_, e) => Note(e.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    internal IPEndPoint Address { get; }

    /// <summary>Where it runs; removed in the end.</summary>
    internal string Folder { get; }

    /// <summary>What it has printed.</summary>
    internal string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    /// <summary>Starts it, and waits until it listens.</summary>
    /// <param name="prepare">Fills its folder, and says how it is started there; it gets the folder and the port.</param>
    internal static async Task<RealServer> StartAsync(Func<string, int, string[]> prepare)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("edge-real-");

        // Its workers may be another user's.
        if (!OperatingSystem.IsWindows())
        {
            folder.UnixFileMode |= UnixFileMode.OtherRead | UnixFileMode.OtherExecute;
        }

        IPEndPoint address = FreeAddress();
        string[] command = prepare(folder.FullName, address.Port);
        var start = new ProcessStartInfo(Docker.Command.Find(command[0]) ?? command[0], command[1..])
        {
            WorkingDirectory = folder.FullName,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var server = new RealServer(Process.Start(start)!, folder, address);
        await Quiet.UntilAsync(
            async () =>
            {
                Assert.True(!server._process.HasExited, $"{string.Join(' ', command)} ended: {server.Output}");
                return await IsListeningAsync(address);
            },
            $"{command[0]} listens", TimeSpan.FromSeconds(30));
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        // With its workers, which would hold its output open.
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    private void Note(string? line)
    {
        lock (_output)
        {
            _output.AppendLine(line);
        }
    }

    private static IPEndPoint FreeAddress()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return (IPEndPoint)listener.LocalEndpoint;
    }

    private static async Task<bool> IsListeningAsync(IPEndPoint address)
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
