using System.ComponentModel;
using System.Diagnostics;
using System.Net;
using System.Runtime.InteropServices;
using Edge.Drivers;
using Edge.Io;
using Edge.Telemetry;

namespace Edge.Hosting;

/// <summary>
/// Starts the program that lies where this one was started from, by now another version perhaps, with this one's arguments and
/// <c>--takeover</c>. It is confined as this process is, and belongs to the same service. Its parent is an attendant, a process
/// that only waits for it, and ends before this process hands over: an orphan becomes a child of the first process, as
/// what a service manager has started itself is. systemd (252) would not wait for the end of a main process that is not its own
/// child when it stops the service, but kill it at once.
/// </summary>
/// <param name="program">What to run.</param>
/// <param name="arguments">Those of this process.</param>
/// <param name="manager">The service manager's socket, which the successor speaks to next; null where there is none.</param>
/// <param name="log">Gets a line for its start, and one where it ends without having taken over.</param>
internal sealed class Successor(ReplicaProgram program, IReadOnlyList<string> arguments, NotifySocket? manager, Log log)
{
    /// <summary>SIGUSR2, which asks for it: signal(7) has the same number for it on every processor that Edge runs on.</summary>
    internal const PosixSignal Signal = (PosixSignal)12;

    /// <summary>The first argument of the attendant; those of the successor follow. For this class alone.</summary>
    internal const string AttendVerb = "attend-successor";

    private const string Takeover = "--takeover";

    private readonly Lock _one = new();
    private Process? _attendant;
    private bool _isDone;

    /// <summary>This very program as it was started.</summary>
    internal static Successor OfProcess(NotifySocket? manager, Log log) =>
        new(ReplicaProgram.Itself(), Environment.GetCommandLineArgs()[1..], manager, log);

    /// <summary>It could not be started, or has ended: with why not. Null where it has just been started.</summary>
    internal event Action<string?>? Changed;

    /// <summary>The attendant: starts the successor, and ends with what that ends with.</summary>
    internal static async Task<int> AttendAsync(IReadOnlyList<string> arguments)
    {
        ReplicaProgram program = ReplicaProgram.Itself();
        using Process successor = Process.Start(new ProcessStartInfo(program.File, [.. program.PrefixArguments, .. arguments]) { UseShellExecute = false })!;
        await successor.WaitForExitAsync();
        return successor.ExitCode;
    }

    /// <summary>Starts it, unless one is running already, or could not take over.</summary>
    /// <param name="listen">What the options say that it has to listen at, as this process does.</param>
    internal void Start(IPEndPoint listen)
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
    /// Another process takes over: what becomes of that is not this one's to report any more. Returns when the attendant has ended,
    /// if there was one.
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

    private string? Obstacle(IPEndPoint listen)
    {
        if (_isDone)
        {
            return "another process has taken over already";
        }

        // All other processes of a container, or of another PID namespace, end with its first.
        if (Environment.ProcessId == 1)
        {
            return "process 1 cannot be replaced by another: all would end with it";
        }

        return listen.Port == 0 ? "Edge:Listen has port 0: it would listen at another port, and not find this process" : null;
    }

    private Process Run()
    {
        // Its streams are this one's.
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
