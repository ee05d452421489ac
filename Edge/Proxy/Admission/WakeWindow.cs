using System.Diagnostics;

namespace Edge.Proxy;

/// <summary>
/// How many requests a replica gets at a time just after its service has woken: those that waited would otherwise all come at once to a replica that is
/// cold. Few at first; twice as many each time that as many were answered as may be in flight, without a failure. It ends when no request waits any more.
/// </summary>
internal struct WakeWindow
{
    private int _answered;
    private long _failures;

    public WakeWindow() => Limit = int.MaxValue;

    /// <summary>Requests in flight on one replica; <see cref="int.MaxValue"/> while the window is not open.</summary>
    internal int Limit { get; private set; }

    internal readonly bool IsOpen => Limit < int.MaxValue;

    /// <summary>The service has woken.</summary>
    /// <param name="atFirst">At least 1.</param>
    /// <param name="failures">What the replicas have failed so far.</param>
    internal void Open(int atFirst, long failures)
    {
        Debug.Assert(atFirst > 0, "one request at least goes on, or nothing ever does");
        (Limit, _answered, _failures) = (atFirst, 0, failures);
    }

    /// <summary>A request has left a replica while others wait.</summary>
    /// <param name="replicas">How many replicas there are.</param>
    /// <param name="failures">What they have failed so far.</param>
    internal void CountEnd(int replicas, long failures)
    {
        if (failures != _failures)
        {
            // The replicas have to show once more that they can do this much.
            (_answered, _failures) = (0, failures);
            return;
        }

        if (++_answered >= (long)Limit * replicas)
        {
            Limit = Limit < int.MaxValue / 2 ? Limit * 2 : int.MaxValue;
            _answered = 0;
        }
    }

    /// <summary>Nothing waits any more.</summary>
    internal void Close() => Limit = int.MaxValue;
}
