using System.ComponentModel;
using System.Diagnostics;
using Edge.Config;
using Edge.Drivers;
using Edge.Io;
using Edge.Telemetry;

namespace Edge.Hosting;

/// <summary>
/// Starts the program at the path from which this process was started, by now perhaps another version, with the same arguments and <c>--takeover</c>.
/// The new process has the same sandbox and belongs to the same service. Its parent is an attendant: a process that only waits for it, and that ends
/// before this process hands over. Then the new process is an orphan and becomes a child of process 1, like one that the service manager has started.
/// systemd (252) would kill a main process that is not its own child at once when it stops the service, instead of waiting for its end.
/// </summary>
/// <param name="program">What to run.</param>
/// <param name="arguments">The arguments of this process.</param>
/// <param name="manager">The service manager's socket, which the successor uses next; null if there is none.</param>
/// <param name="log">Gets a line for the start, and one if the successor ends without having taken over.</param>
internal sealed class Successor(ReplicaProgram program, IReadOnlyList<string> arguments, NotifySocket? manager, Log log)
{
    /// <summary>The first argument of the attendant; the arguments of the successor follow. Only for this class.</summary>
    internal const string AttendVerb = "attend-successor";

    private const string Takeover = "--takeover";

    private readonly Lock _one = new();
    private Process? _attendant;
    private bool _isDone;

    /// <summary>Starts this program as it was started.</summary>
    internal static Successor OfProcess(NotifySocket? manager, Log log) =>
        new(ReplicaProgram.Itself(), Environment.GetCommandLineArgs()[1..], manager, log);

    /// <summary>The successor could not be started, or has ended, and why. Null if it has just been started.</summary>
    internal event Action<string?>? Changed;

    /// <summary>The attendant: starts the successor, and ends with its exit code.</summary>
    internal static async Task<int> AttendAsync(IReadOnlyList<string> arguments)
    {
        ReplicaProgram program = ReplicaProgram.Itself();
        using Process successor = Process.Start(new ProcessStartInfo(program.File, [.. program.PrefixArguments, .. arguments]) { UseShellExecute = false })!;
        await successor.WaitForExitAsync();
        return successor.ExitCode;
    }

    /// <summary>Starts the successor, unless one is running already, or this process cannot hand over.</summary>
    /// <param name="listen">The addresses of the options. The successor has to listen there, as this process does.</param>
    internal void Start(IReadOnlyList<ListenAddress> listen)
    {
        lock (_one)
        {
            if (_attendant is { HasExited: false })
            {
                log.Warning("successor_running");
                return;
            }

            if (Obstacle(listen) is { } obstacle)
            {
                Fail(obstacle);
                return;
            }

            try
            {
                _attendant = Run();
            }
            catch (Exception failed) when (failed is Win32Exception or IOException)
            {
                Fail($"{program.File} cannot be run: {failed.Message}");
                return;
            }

            log.Info("successor_started", ("program", program.File));
            Changed?.Invoke(null);
            _ = WatchAsync(_attendant);
        }
    }

    /// <summary>
    /// Another process takes over, so this process does not report the end of the successor any more. Returns when the attendant, if there was one,
    /// has ended.
    /// </summary>
    internal async Task LeaveAsync()
    {
        Process? attendant;
        lock (_one)
        {
            _isDone = true;
            attendant = _attendant;
        }

        if (attendant is not null)
        {
            attendant.Kill();
            await attendant.WaitForExitAsync();
        }
    }

    private string? Obstacle(IReadOnlyList<ListenAddress> listen)
    {
        if (_isDone)
        {
            return "another process has taken over already";
        }

        // All other processes of a container, or of another PID namespace, end with its process 1.
        if (Environment.ProcessId == 1)
        {
            return "process 1 cannot be replaced by another: all would end with it";
        }

        return listen.Any(address => address.Endpoint.Port == 0) ? "Edge:Listen has port 0: it would listen at another port, and not find this process" : null;
    }

    private Process Run()
    {
        // It has the streams of this process.
        string[] all = [.. program.PrefixArguments, AttendVerb, .. arguments.Where(argument => argument != Takeover), Takeover];
        var start = new ProcessStartInfo(program.File, all) { UseShellExecute = false };
        if (manager is not null)
        {
            start.Environment[NotifySocket.Variable] = manager.Name;
        }

        return Process.Start(start)!;
    }

    private async Task WatchAsync(Process attendant)
    {
        await attendant.WaitForExitAsync();
        lock (_one)
        {
            if (!_isDone)
            {
                Fail($"it ended with {attendant.ExitCode}");
            }
        }
    }

    private void Fail(string why)
    {
        log.Error("successor_failed", ("why", why));
        Changed?.Invoke(why);
    }
}
