using Edge.Routing;

namespace Edge.Fleet;

/// <summary>
/// The load of the last time, from one sample a second. The offered load is what would be in flight if no request had to wait: requests a second, times
/// the seconds that one takes at a replica (Little's law). What is in flight is not that: while requests queue up it says how long they queue.
/// </summary>
internal sealed class LoadWindow
{
    private readonly List<Sample> _samples = [];
    private double _busy;
    private double _queued;

    /// <summary>The counts at one time; the busy time without that of requests which queue up inside of replicas.</summary>
    private readonly record struct Sample(TimeSpan At, LoadFigures Load, double Busy);

    /// <summary>Seconds that a request takes at a replica, by the last window in which one ended; 0 if none was seen yet.</summary>
    internal double ServiceSeconds { get; private set; }

    /// <summary>Requests that wait: those in the balancer's queue, and those beyond what the replicas can work at.</summary>
    internal double Backlog { get; private set; }

    /// <summary>For how long there are samples.</summary>
    internal TimeSpan Span => _samples.Count == 0 ? TimeSpan.Zero : _samples[^1].At - _samples[0].At;

    /// <summary>Adds what is counted by now.</summary>
    /// <param name="load">The counts.</param>
    /// <param name="queued">
    /// How many requests replicas have beyond what they can work at: these queue up inside of them, and count as waiting. Otherwise the time that a request
    /// takes would grow with the queue, and so would the load.
    /// </param>
    /// <param name="each">How many requests a replica can work at.</param>
    /// <param name="now">The time.</param>
    /// <param name="kept">The longest window that will be asked for.</param>
    internal void Add(in LoadFigures load, double queued, int each, TimeSpan now, TimeSpan kept)
    {
        double meanwhile = (_queued + queued) / 2;
        _queued = queued;
        queued = 0;
        if (_samples.Count > 0)
        {
            Sample last = _samples[^1];
            double seconds = (now - last.At).TotalSeconds;
            if (seconds <= 0)
            {
                return;
            }

            double inFlight = (load.BusyNanoseconds - last.Load.BusyNanoseconds) / 1e9 / seconds;

            // Tunnels are in flight on a replica, and not among these.
            queued = Math.Min(meanwhile, Math.Max(0, inFlight - each));
            _busy += (inFlight - queued) * seconds;
        }

        Backlog = load.Waiting + queued;
        _samples.Add(new Sample(now, load, _busy));

        // The last one before the window stays, so that there is a difference over the whole of it.
        int old = _samples.FindIndex(sample => sample.At > now - kept);
        if (old > 1)
        {
            _samples.RemoveRange(0, old - 1);
        }
    }

    /// <summary>The load over the last time, or over as long as there are samples: requests a second, and what they would have in flight.</summary>
    internal (double RequestsPerSecond, double Offered) Over(TimeSpan window)
    {
        if (_samples.Count < 2)
        {
            return default;
        }

        Sample last = _samples[^1];
        int from = Math.Min(_samples.FindLastIndex(sample => sample.At <= last.At - window) is >= 0 and var found ? found : 0, _samples.Count - 2);
        Sample first = _samples[from];
        double seconds = (last.At - first.At).TotalSeconds;
        double rate = (last.Load.Begun - first.Load.Begun) / seconds;
        long ended = last.Load.Ended - first.Load.Ended;
        double busy = last.Busy - first.Busy;
        if (ended > 0)
        {
            ServiceSeconds = busy / ended;
        }

        // Requests that have not ended may take longer than all that have: at least what they had in flight is offered.
        return (rate, ended > 0 ? rate * busy / ended : Math.Max(rate * ServiceSeconds, busy / seconds));
    }

    /// <summary>Begins again: the time before says nothing about the load of now, but still how long a request takes.</summary>
    internal void Reset()
    {
        _samples.Clear();
        (_busy, _queued, Backlog) = (0, 0, 0);
    }
}
