using System.ComponentModel;
using System.Diagnostics;
using System.Net;
using System.Runtime.InteropServices;
using Edge.Drivers;
using Edge.Io;
using Edge.Observability;

namespace Edge;

/// <summary>
/// Starts the program that lies where this one was started from, by now another version perhaps, with this one's arguments and
/// <c>--takeover</c>. It is a child of this process, so it is confined as this one is, and belongs to the same service.
/// </summary>
/// <param name="program">What to run.</param>
/// <param name="arguments">Those of this process.</param>
/// <param name="manager">The service manager's socket, which the successor speaks to next; null where there is none.</param>
/// <param name="log">Gets a line for its start, and one where it ends without having taken over.</param>
internal sealed class Successor(ReplicaProgram program, IReadOnlyList<string> arguments, NotifySocket? manager, Log log)
{
    /// <summary>SIGUSR2, which asks for it: signal(7) has the same number for it on every processor that Edge runs on.</summary>
    internal const PosixSignal Signal = (PosixSignal)12;

    private const string Takeover = "--takeover";

    private readonly Lock _one = new();
    private Process? _running;
    private volatile bool _isDone;

    /// <summary>This very program as it was started.</summary>
    internal static Successor OfProcess(NotifySocket? manager, Log log) =>
        new(ReplicaProgram.Itself(), Environment.GetCommandLineArgs()[1..], manager, log);

    /// <summary>It could not be started, or has ended: with why not. Null where it has just been started.</summary>
    internal event Action<string?>? Changed;

    /// <summary>Starts it, unless one is running already, or could not take over.</summary>
    /// <param name="listen">What the options say that it has to listen at, as this process does.</param>
    internal void Start(IPEndPoint listen)
    {
        lock (_one)
        {
            if (_running is { HasExited: false })
            {
                log.Warning("successor_running", ("pid", _running.Id));
                return;
            }

            if (Obstacle(listen) is { } obstacle)
            {
                Fail(obstacle);
                return;
            }

            try
            {
                _running = Run();
            }
            catch (Exception failed) when (failed is Win32Exception or IOException)
            {
                Fail($"{program.File} cannot be run: {failed.Message}");
                return;
            }

            log.Info("successor_started", ("pid", _running.Id));
            Changed?.Invoke(null);
            _ = WatchAsync(_running);
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

    /// <summary>Another process has taken over: what becomes of that is not this one's to report any more.</summary>
    internal void Done() => _isDone = true;

    private Process Run()
    {
        // Its streams are this one's.
        string[] all = [.. program.PrefixArguments, .. arguments.Where(argument => argument != Takeover), Takeover];
        var start = new ProcessStartInfo(program.File, all) { UseShellExecute = false };
        if (manager is not null)
        {
            start.Environment[NotifySocket.Variable] = manager.Name;
        }

        return Process.Start(start)!;
    }

    private async Task WatchAsync(Process successor)
    {
        await successor.WaitForExitAsync();
        if (!_isDone)
        {
            Fail($"it ended with {successor.ExitCode}");
        }
    }

    private void Fail(string why)
    {
        log.Error("successor_failed", ("why", why));
        Changed?.Invoke(why);
    }
}
