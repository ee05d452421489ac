using Edge.Routing;
using Edge.Telemetry;

namespace Edge.Control;

/// <summary>
/// The share of their time in which the loops had something to do: between a read some seconds ago and now, or since the start if there was none. It
/// needs no thread that reads all the time. From any thread.
/// </summary>
internal sealed class LoopLoad(IPlaneFigures plane, TimeProvider time)
{
    internal static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private (long Busy, long Idle)[] _base = new (long, long)[plane.Loops];
    private (long Busy, long Idle)[] _next = new (long, long)[plane.Loops];
    private long _noted = time.GetTimestamp();

    /// <summary>0 to 1, of each loop.</summary>
    internal double[] BusyShares()
    {
        (long Busy, long Idle)[] now = [.. Enumerable.Range(0, plane.Loops).Select(Times)];
        lock (_lock)
        {
            if (time.GetElapsedTime(_noted) >= Interval)
            {
                (_base, _next, _noted) = (_next, now, time.GetTimestamp());
            }

            return [.. now.Zip(_base, Share)];
        }
    }

    private (long Busy, long Idle) Times(int loop)
    {
        LoopCounters figures = plane.Figures(loop);
        return (figures.Busy, figures.Idle);
    }

    private static double Share((long Busy, long Idle) now, (long Busy, long Idle) then)
    {
        double all = now.Busy - then.Busy + (now.Idle - then.Idle);
        return all > 0 ? Math.Round((now.Busy - then.Busy) / all, 3) : 0;
    }
}
