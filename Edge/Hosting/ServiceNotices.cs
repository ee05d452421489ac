using System.Diagnostics;
using System.Globalization;
using Edge.Fleet;
using Edge.Io;
using Edge.Telemetry;

namespace Edge.Hosting;

/// <summary>
/// Tells a service manager the state of this process (sd_notify(3)). Without a manager it does nothing. A message that cannot be sent is only a
/// warning in the log; the balancer goes on serving.
/// </summary>
/// <param name="manager">The manager's socket; null if there is none. It is not disposed here.</param>
/// <param name="fleet">The fleet now.</param>
/// <param name="log">Gets a line for each message that cannot be sent.</param>
internal sealed class ServiceNotices(NotifySocket? manager, Func<FleetSnapshot> fleet, Log log)
{
    // In characters, so that a driver's long reason leaves room for the rest of the sentence.
    private const int ReasonAtMost = 300;

    // How long the process may take to end, in addition to its own timeouts.
    private static readonly TimeSpan EndMargin = TimeSpan.FromSeconds(5);

    private readonly Lock _one = new();
    private string _status = "";
    private bool _isReloadRefused;
    private string? _whyNoSuccessor;

    // Before it serves, and after its end has begun, the sentence is not about the fleet.
    private bool _serves;

    /// <summary>The balancer serves from now on.</summary>
    internal void Ready()
    {
        lock (_one)
        {
            _serves = true;
            SendReady();
        }
    }

    /// <summary>
    /// The balancer reads its options again; <see cref="Reloaded"/> follows. The message has a time of the clock that the manager compares with its
    /// own: CLOCK_MONOTONIC, in microseconds.
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

    /// <summary>The balancer has read its options.</summary>
    /// <param name="refusal">Null if they hold now, else why not.</param>
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

    /// <summary>The balancer ends, and takes at most this long.</summary>
    internal void Stopping(TimeSpan within)
    {
        lock (_one)
        {
            _serves = false;
            long microseconds = (long)(within + EndMargin).TotalMicroseconds;
            Send(string.Create(CultureInfo.InvariantCulture, $"STOPPING=1\nSTATUS=Finishing the requests in flight\nEXTEND_TIMEOUT_USEC={microseconds}"));
        }
    }

    /// <summary>Another process serves instead of this one, and the manager listens to that one from now on. This process says no more.</summary>
    internal void HandOver(int pid)
    {
        lock (_one)
        {
            _serves = false;
            Send(string.Create(CultureInfo.InvariantCulture, $"MAINPID={pid}"));
        }
    }

    /// <summary>The balancer has started its successor; or that failed, and why.</summary>
    internal void Succession(string? why)
    {
        lock (_one)
        {
            _whyNoSuccessor = why;
        }

        Look();
    }

    /// <summary>The fleet may have changed. Returns at once; another thread tells the manager.</summary>
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

        // A line end would begin another assignment.
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
