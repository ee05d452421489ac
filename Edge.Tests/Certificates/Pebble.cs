using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Edge.Tests.Tls;

namespace Edge.Tests.Certificates;

/// <summary>
/// pebble(1), the authority that Let's Encrypt tests clients with, and its name server: every name leads to this machine, but for those that a test sends
/// elsewhere. It checks at the ports that a test listens on.
/// </summary>
internal sealed class Pebble : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly TemporaryFolder _folder = new();
    private readonly int _port = FreePort();
    private readonly int _managementPort = FreePort();
    private readonly int _dnsPort = FreePort();
    private readonly string _roots;
    private Process? _names;
    private Process? _authority;

    /// <param name="httpPort">Where it asks for paths.</param>
    /// <param name="tlsPort">Where it shakes hands.</param>
    internal Pebble(int httpPort, int tlsPort)
    {
        using X509Certificate2 root = TestCertificates.MakeAuthority("the tests' own");
        using X509Certificate2 own = TestCertificates.Sign(root, ["localhost", "127.0.0.1"]);
        _roots = _folder.File("roots.pem");
        File.WriteAllBytes(_roots, TestCertificates.Pem(root));
        File.WriteAllBytes(_folder.File("own.pem"), TestCertificates.Pem(own));
        File.WriteAllBytes(_folder.File("own.key"), TestCertificates.KeyPem(own));
        File.WriteAllText(_folder.File("config.json"), JsonSerializer.Serialize(new
        {
            pebble = new
            {
                listenAddress = $"127.0.0.1:{_port}",
                managementListenAddress = "",
                certificate = _folder.File("own.pem"),
                privateKey = _folder.File("own.key"),
                httpPort,
                tlsPort,
                ocspResponderURL = "",
                externalAccountBindingRequired = false,
            },
        }));
    }

    internal static bool IsThere => File.Exists("/usr/bin/pebble") && File.Exists("/usr/bin/pebble-challtestsrv");

    internal string Directory => $"https://localhost:{_port}/dir";

    /// <summary>A file with the root that vouches for the authority's own server.</summary>
    internal string Roots => _roots;

    /// <summary>Starts both, and waits until they answer.</summary>
    /// <param name="rejectedNonces">How many of a hundred good nonces it rejects.</param>
    internal async Task StartAsync(int rejectedNonces = 0)
    {
        if (_names is null)
        {
            _names = await RunAsync(
                "/usr/bin/pebble-challtestsrv",
                ["-dns01", $"127.0.0.1:{_dnsPort}", "-http01", "", "-https01", "", "-tlsalpn01", "", "-management", $"127.0.0.1:{_managementPort}",
                    "-defaultIPv4", "127.0.0.1", "-defaultIPv6", ""],
                "Starting management server", 0);
            await TryConnectAsync(_managementPort);
        }

        _authority = await RunAsync(
            "/usr/bin/pebble", ["-config", _folder.File("config.json"), "-dnsserver", $"127.0.0.1:{_dnsPort}"], "ACME directory available at", rejectedNonces);
        await TryConnectAsync(_port);
    }

    /// <summary>Ends the authority; it forgets all that it knew.</summary>
    internal async Task StopAsync()
    {
        await EndAsync(_authority!);
        _authority = null;
    }

    /// <summary>Has a name lead to an address.</summary>
    internal async Task LeadAsync(string host, string address)
    {
        using var client = new HttpClient();
        HttpResponseMessage before = await client.PostAsJsonAsync(new Uri($"http://127.0.0.1:{_managementPort}/clear-a"), new { host = host + "." });
        Assert.Equal(HttpStatusCode.OK, before.StatusCode);
        HttpResponseMessage answer = await client.PostAsJsonAsync(
            new Uri($"http://127.0.0.1:{_managementPort}/add-a"), new { host = host + ".", addresses = new[] { address } });
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (Process? process in new[] { _authority, _names })
        {
            if (process is not null)
            {
                await EndAsync(process);
            }
        }

        _folder.Dispose();
    }

    internal static int FreePort()
    {
        using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        probe.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)probe.LocalEndPoint!).Port;
    }

    private static async Task<Process> RunAsync(string file, string[] arguments, string awaited, int rejectedNonces)
    {
        var start = new ProcessStartInfo(file, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["PEBBLE_VA_NOSLEEP"] = "1";
        start.Environment["PEBBLE_WFE_NONCEREJECT"] = $"{rejectedNonces}";
        start.Environment["PEBBLE_AUTHZREUSE"] = "0";
        var process = new Process { StartInfo = start };
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var said = new List<string>();
        void Note(object sender, DataReceivedEventArgs line)
        {
            lock (said)
            {
                said.Add(line.Data ?? "");
            }

            if (line.Data?.Contains(awaited, StringComparison.Ordinal) == true)
            {
                ready.TrySetResult();
            }
        }

        process.OutputDataReceived += Note;
        process.ErrorDataReceived += Note;
        Assert.True(process.Start());
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        try
        {
            await ready.Task.WaitAsync(s_patience);
        }
        catch (TimeoutException)
        {
            lock (said)
            {
                Assert.Fail($"{file} did not say '{awaited}':\n{string.Join('\n', said)}");
            }
        }

        return process;
    }

    // It says that it listens before it does.
    private static async Task TryConnectAsync(int port)
    {
        long started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await socket.ConnectAsync(IPAddress.Loopback, port);
                return;
            }
            catch (SocketException) when (TimeProvider.System.GetElapsedTime(started) < s_patience)
            {
                await Task.Yield();
            }
        }
    }

    private static async Task EndAsync(Process process)
    {
        process.Kill();
        await process.WaitForExitAsync().WaitAsync(s_patience);
        process.Dispose();
    }
}
