using System.Diagnostics;
using System.Globalization;
using Edge.Fleet;
using Edge.Io;
using Edge.Telemetry;

namespace Edge.Hosting;

/// <summary>
/// What a service manager is told about this process, and when (sd_notify(3)). Without a manager nothing is told. A message
/// that cannot be sent is a warning in the log, and nothing else: the balancer serves all the same.
/// </summary>
/// <param name="manager">Where the manager listens; null where there is none. It is not disposed of here.</param>
/// <param name="fleet">The fleet now.</param>
/// <param name="log">Gets a line for each message that could not be sent.</param>
internal sealed class ServiceNotices(NotifySocket? manager, Func<FleetSnapshot> fleet, Log log)
{
    // So that a driver's long reason leaves the rest of the sentence its place; in characters.
    private const int ReasonAtMost = 300;

    // What the process may need to end beyond its own timeouts.
    private static readonly TimeSpan EndMargin = TimeSpan.FromSeconds(5);

    private readonly Lock _one = new();
    private string _status = "";
    private bool _isReloadRefused;
    private string? _whyNoSuccessor;

    // Before it serves and after it has begun to end, the sentence is not about the fleet.
    private bool _serves;

    /// <summary>It serves from now on.</summary>
    internal void Ready()
    {
        lock (_one)
        {
            _serves = true;
            SendReady();
        }
    }

    /// <summary>
    /// It reads its options again; <see cref="Reloaded"/> says that it has. The time is that of the clock which the manager compares
    /// with its own, CLOCK_MONOTONIC in microseconds.
    /// </summary>
    internal void Reloading()
    {
        lock (_one)
        {
            if (_serves)
            {
                long microseconds = Stopwatch.GetTimestamp() / (Stopwatch.Frequency / 1_000_000);
                Send(string.Create(CultureInfo.InvariantCulture, $"RELOADING=1\nMONOTONIC_USEC={microseconds}"));
            }
        }
    }

    /// <summary>It has read its options.</summary>
    /// <param name="refusal">Null where they hold now, else why not.</param>
    internal void Reloaded(string? refusal)
    {
        lock (_one)
        {
            _isReloadRefused = refusal is not null;
            if (_serves)
            {
                SendReady();
            }
        }
    }

    /// <summary>It ends, and takes so long at most.</summary>
    internal void Stopping(TimeSpan within)
    {
        lock (_one)
        {
            _serves = false;
            long microseconds = (long)(within + EndMargin).TotalMicroseconds;
            Send(string.Create(CultureInfo.InvariantCulture, $"STOPPING=1\nSTATUS=Finishing the requests in flight\nEXTEND_TIMEOUT_USEC={microseconds}"));
        }
    }

    /// <summary>Another process serves in its place, and is the one to look at from now on. This one has no more to say.</summary>
    internal void HandOver(int pid)
    {
        lock (_one)
        {
            _serves = false;
            Send(string.Create(CultureInfo.InvariantCulture, $"MAINPID={pid}"));
        }
    }

    /// <summary>It has started its successor, or that failed: with why.</summary>
    internal void Succession(string? why)
    {
        lock (_one)
        {
            _whyNoSuccessor = why;
        }

        Look();
    }

    /// <summary>The fleet may look different now. Returns at once; the manager is told from another thread.</summary>
    internal void Look()
    {
        if (manager is not null)
        {
            ThreadPool.UnsafeQueueUserWorkItem(static notices => notices.Tell(), this, preferLocal: false);
        }
    }

    private void Tell()
    {
        lock (_one)
        {
            if (_serves && Sentence() is var sentence && sentence != _status)
            {
                _status = sentence;
                Send($"STATUS={sentence}");
            }
        }
    }

    private string Sentence()
    {
        FleetSnapshot now = fleet();
        int healthy = now.Replicas.Count(replica => replica.State == ReplicaState.Healthy);
        string text = now.IsKnown
            ? string.Create(CultureInfo.InvariantCulture, $"{healthy} of {now.Replicas.Count} replicas in rotation")
            : "Serving; it is not known yet which replicas there are";
        if (now.Blindness is { } blindness)
        {
            text += $"; {Short(blindness)}";
        }

        if (_isReloadRefused)
        {
            text += "; the last reload was refused, see the log";
        }

        if (_whyNoSuccessor is { } why)
        {
            text += $"; the last takeover failed: {Short(why)}";
        }

        // An end of line would begin another assignment.
        return text.ReplaceLineEndings(" ");
    }

    private static string Short(string reason) => reason.Length > ReasonAtMost ? reason[..ReasonAtMost] + "…" : reason;

    private void SendReady()
    {
        _status = Sentence();
        Send($"READY=1\nSTATUS={_status}");
    }

    private void Send(string assignments)
    {
        try
        {
            manager?.Send(assignments);
        }
        catch (IOException failed)
        {
            log.Warning("notify_failed", ("message", assignments.Split('\n')[0]), ("socket", manager!.Name), ("why", failed.Message));
        }
    }
}
