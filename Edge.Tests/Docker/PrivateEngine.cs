using System.Diagnostics;
using System.Globalization;
using Edge.Tests.Backends;

namespace Edge.Tests.Docker;

/// <summary>
/// A dockerd of the tests' own: its socket, data and processes lie in one folder, and nothing of it stays behind.
/// </summary>
/// <remarks>
/// Without docker0, which a second engine of the same machine would fight for; the networks of the tests are bridges of
/// their own, from a range that is reserved for benchmarks, so that they meet nobody's. Without packet filters of
/// its own, which engines share and leave behind: this machine reaches its bridges without any. Containers outlive the engine
/// (--live-restore), as its death is one of the things to test.
/// </remarks>
internal sealed class PrivateEngine : IAsyncDisposable
{
    // What one container sends to another crosses the machine's packet filter as well, which another engine may have
    // shut, and leaves so when it ends. Taken back at the end.
    private static readonly string[] s_passage = ["FORWARD", "-s", "198.19.0.0/17", "-d", "198.19.0.0/17", "-j", "ACCEPT"];

    private readonly string _folder = Directory.CreateTempSubdirectory("edge-test-engine-").FullName;
    private Process? _process;
    private bool _opened;

    /// <summary>In a folder of its own, which can be mounted into a container without the engine's data.</summary>
    internal string Host => $"unix://{_folder}/run/docker.sock";

    internal string LogFile => Path.Combine(_folder, "log");

    private string PidFile => Path.Combine(_folder, "pid");

    private string ContainerdPidFile => Path.Combine(_folder, "exec", "containerd", "containerd.pid");

    /// <summary>Whether the newer engine was asked for.</summary>
    internal static bool IsNewer => Environment.GetEnvironmentVariable("EDGE_ENGINE26") == "1";

    // The installed one, or with EDGE_ENGINE26=1 the newer one that is unpacked beside it; that runs with the installed containerd and runc.
    private static string Program => IsNewer
        ? Path.Combine(
            Environment.GetEnvironmentVariable("EDGE_DOCKER26") ?? throw new InvalidOperationException("EDGE_ENGINE26=1 needs EDGE_DOCKER26."),
            "usr/sbin/dockerd")
        : Command.Find("dockerd")!;

    internal async Task StartAsync(DockerCli docker)
    {
        if (!_opened && Command.Find("iptables") is { } iptables)
        {
            await Command.RunAsync(iptables, ["-I", .. s_passage]);
            _opened = true;
        }

        // An engine that was killed leaves these, and the next one would take a number that is in use again for itself.
        Directory.CreateDirectory(Path.Combine(_folder, "run"));
        File.Delete(PidFile);
        Directory.CreateDirectory(Path.GetDirectoryName(ContainerdPidFile)!);
        File.Delete(ContainerdPidFile);
        string[] arguments =
        [
            "--bridge", "none", "--default-address-pool", "base=198.19.0.0/17,size=24", "--live-restore", "--debug",
            "--iptables=false", "--ip6tables=false", "--ip-masq=false", "--ip-forward=false",
            "--data-root", $"{_folder}/data", "--exec-root", $"{_folder}/exec", "--pidfile", PidFile, "--host", Host,
        ];
        string line = string.Join(' ', arguments.Prepend(Program));

        // The shell hands its process over to the engine, so that the log goes straight to a file.
        _process = Process.Start("/bin/sh", ["-c", $"exec {line} >>{LogFile} 2>&1"]);
        var patience = Stopwatch.StartNew();
        while (await docker.PingAsync() is { Answers: false, Why: var why })
        {
            Assert.True(!_process.HasExited && patience.Elapsed < TimeSpan.FromSeconds(60), $"the engine did not come up: {why}\n{LogEnd()}");
        }
    }

    /// <param name="signal">TERM lets it end in order, KILL does not; the containers run on either way.</param>
    internal async Task StopAsync(string signal)
    {
        Process process = _process ?? throw new InvalidOperationException("the engine does not run");
        int containerd = await ReadPidAsync(ContainerdPidFile);
        await Command.RunAsync("kill", [$"-{signal}", process.Id.ToString(CultureInfo.InvariantCulture)]);
        await process.WaitForExitAsync();
        process.Dispose();
        _process = null;

        // It dies with the engine that started it, a moment later; the next one must not find it half dead.
        await Quiet.UntilAsync(() => !Runs(containerd), "containerd ends with its engine");
    }

    /// <summary>The last lines of the engine's log, for messages.</summary>
    internal string LogEnd() => File.Exists(LogFile) ? string.Join('\n', File.ReadLines(LogFile).TakeLast(40)) : "it has no log";

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await StopAsync("TERM");
        }

        if (_opened)
        {
            await Command.RunAsync(Command.Find("iptables")!, ["-D", .. s_passage]);
        }

        // Each container that lives has a keeper with the folder in its arguments; a clean end leaves none.
        foreach (string process in Directory.GetDirectories("/proc").Where(IsOurs))
        {
            await Command.TryAsync("kill", ["-KILL", Path.GetFileName(process)]);
        }

        await Quiet.UntilAsync(() => !Directory.GetDirectories("/proc").Any(IsOurs), "the processes of the engine are gone");
        foreach (string mount in Mounts().Reverse())
        {
            await Command.RunAsync("umount", ["-l", mount]);
        }

        Directory.Delete(_folder, recursive: true);
    }

    private IEnumerable<string> Mounts() =>
        File.ReadAllLines("/proc/mounts").Select(l => l.Split(' ')[1]).Where(m => m.StartsWith(_folder + "/", StringComparison.Ordinal));

    private bool IsOurs(string process)
    {
        try
        {
            return int.TryParse(Path.GetFileName(process), out _)
                && File.ReadAllText(Path.Combine(process, "cmdline")).Contains(_folder + "/", StringComparison.Ordinal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It has ended between the listing and the read.
            return false;
        }
    }

    private static async Task<int> ReadPidAsync(string file) =>
        File.Exists(file) ? int.Parse(await File.ReadAllTextAsync(file), CultureInfo.InvariantCulture) : 0;

    // One that has ended, but whose parent has not asked for it, does not run any more.
    private static bool Runs(int pid)
    {
        try
        {
            string stat = File.ReadAllText($"/proc/{pid}/stat");
            return stat[stat.LastIndexOf(')') + 2] != 'Z';
        }
        catch (IOException)
        {
            return false;
        }
    }
}
