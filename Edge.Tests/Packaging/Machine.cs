using System.Diagnostics;
using System.Globalization;
using Edge.Tests.Backends;
using Edge.Tests.Docker;

namespace Edge.Tests.Packaging;

/// <summary>
/// A machine that runs systemd: this one's files, to which nothing is written, and its network, with processes of its own
/// (machine.sh). What a test starts in it ends with it.
/// </summary>
internal sealed class Machine : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);
    private static readonly string s_script = Path.Combine(Repository.Root, "Edge.Tests", "Packaging", "machine.sh");
    private static int s_booted;

    private readonly string _name = string.Create(CultureInfo.InvariantCulture, $"edge-test-{Environment.ProcessId}-{Interlocked.Increment(ref s_booted)}");
    private readonly string _log = Path.GetTempFileName();
    private readonly Process _process;
    private int _init;

    // The shell hands its process over, so that the log goes straight to a file.
    private Machine() => _process = Process.Start("/bin/sh", ["-c", $"exec bash {s_script} boot {_name} >{_log} 2>&1 </dev/null"]);

    /// <summary>Boots it; returns when it is up. Without root and systemd's own program the test is skipped, but fails where CI is set.</summary>
    internal static async Task<Machine> BootAsync()
    {
        string? lacks = !Environment.IsPrivilegedProcess ? "root" : !File.Exists("/lib/systemd/systemd") ? "the package systemd" : null;
        if (lacks is not null)
        {
            Assert.True(Environment.GetEnvironmentVariable("CI") is null, $"CI has to have {lacks}.");
            Assert.Skip($"A machine that runs systemd needs {lacks}.");
        }

        var machine = new Machine();
        try
        {
            // Until systemd itself is the first process, the root is still that of this machine.
            await Quiet.UntilAsync(machine.FindInitAsync, "systemd is started", s_patience);
            await Quiet.UntilAsync(machine.IsUpAsync, "it is up", s_patience);
            return machine;
        }
        catch (Exception)
        {
            TestContext.Current.TestOutputHelper!.WriteLine(await File.ReadAllTextAsync(machine._log));
            await machine.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs a program in it, as root.</summary>
    internal Task<(int ExitCode, string Output, string Errors)> TryAsync(params string[] command) => Command.TryAsync("nsenter", Enter(command));

    /// <summary>Runs a command in the machine. Throws with the command's own words if it fails. Returns its output, without the last line end.</summary>
    internal Task<string> RunAsync(params string[] command) => Command.RunAsync("nsenter", Enter(command));

    /// <summary>A property of the unit, as systemd has it.</summary>
    internal Task<string> PropertyAsync(string name) => RunAsync("systemctl", "show", "edge.service", "--value", "--property", name);

    /// <summary>Ends when a property of the unit has a value.</summary>
    internal async Task BecomesAsync(string property, string value)
    {
        string last = "";
        try
        {
            await Quiet.UntilAsync(async () => (last = await PropertyAsync(property)) == value, property, s_patience);
        }
        catch (Exception failed) when (failed is not OperationCanceledException)
        {
            Assert.Fail($"{property} is {last}, not {value}:\n{await JournalAsync()}");
        }
    }

    /// <summary>What the unit has printed.</summary>
    internal Task<string> JournalAsync() => RunAsync("journalctl", "--unit", "edge.service", "--no-pager", "--output", "cat");

    /// <summary>Writes a file in it.</summary>
    internal async Task WriteAsync(string path, string text)
    {
        string file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, text);
        await CopyAsync(file, path);
        File.Delete(file);
    }

    /// <summary>Copies a file of this machine's into it, which has a /tmp of its own.</summary>
    internal Task CopyAsync(string from, string to) => Command.RunAsync("sh", ["-c", "exec nsenter \"$@\" <\"$0\"", from, .. Enter("sh", "-c", $"cat >{to}")]);

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();

        // All in it has ended as soon as its first process has, but the kernel may still be about to clear up behind them.
        await Quiet.UntilAsync(
            async () => (await Command.TryAsync("bash", [s_script, "clean", _name])).ExitCode == 0, $"the control group {_name} is removed", s_patience);
        File.Delete(_log);
    }

    private string[] Enter(params string[] command) =>
    [
        "--target", _init.ToString(CultureInfo.InvariantCulture), "--mount", "--pid", "--uts", "--ipc", "--cgroup", "--root", "--wd",
        "/usr/bin/env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND=noninteractive", .. command,
    ];

    private async Task<bool> IsUpAsync() => (await TryAsync("systemctl", "is-system-running", "--wait")).Output.Trim() is "running" or "degraded";

    private async Task<bool> FindInitAsync()
    {
        Assert.False(_process.HasExited, "it ended");
        (_, string child, _) = await Command.TryAsync("ps", ["--ppid", $"{_process.Id}", "-o", "pid=,comm="]);
        if (child.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) is [var pid, "systemd"])
        {
            _init = int.Parse(pid, CultureInfo.InvariantCulture);
        }

        return _init != 0;
    }
}
