using Edge.Io;

namespace Edge.Proxy;

/// <summary>
/// The place that a request has in the queue while it waits; in the loop's milliseconds. It is the request's for good, so that waiting allocates
/// nothing.
/// </summary>
/// <param name="request">Whose place it is.</param>
/// <param name="timer">The request's timer: it ends the wait. A request that waits has nothing else to time.</param>
/// <param name="accounting">Measures the wait.</param>
internal sealed class QueuePlace(IQueuedRequest request, LoopTimer timer, RequestAccounting accounting)
{
    private long _deadline;

    internal IQueuedRequest Request { get; } = request;

    internal LoopTimer Timer { get; } = timer;

    internal RequestAccounting Accounting { get; } = accounting;

    internal bool IsTaken { get; private set; }

    internal long Since { get; private set; }

    /// <summary>When its wait ends.</summary>
    internal long Until { get; private set; }

    // Links of the queue's list.
    internal QueuePlace? After;
    internal QueuePlace? Before;

    /// <summary>The wait begins, behind another one that may be null.</summary>
    /// <param name="now">The time.</param>
    /// <param name="deadline">When the whole request has to be over.</param>
    /// <param name="after">The place that is before it in the queue.</param>
    internal void Take(long now, long deadline, QueuePlace? after)
    {
        (IsTaken, Since, Until, _deadline, After) = (true, now, now, deadline, after);
        Accounting.BeginWait();
    }

    /// <summary>The wait may last until then, and not shorter than before; but it never outlasts the request.</summary>
    internal void WaitUntil(long until) => Until = Math.Max(Until, Math.Min(until, _deadline));

    /// <summary>The wait is over.</summary>
    internal void Leave()
    {
        Accounting.EndWait();
        Timer.Disarm();
        IsTaken = false;
        After = Before = null;
    }
}
