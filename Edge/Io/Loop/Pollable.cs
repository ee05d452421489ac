namespace Edge.Io;

/// <summary>
/// A descriptor that an event loop watches. It belongs to one loop, and only that loop's thread uses it. Each list that it can be in has links of its
/// own: if two lists shared a link, a connection could go to the wrong owner.
/// </summary>
internal abstract class Pollable : Deferrable, ITimerOwner
{
    internal const long Never = LoopTimer.Never;

    private LoopTimer? _timer;

    internal int Fd { get; set; } = -1;

    /// <summary>
    /// Its number in the loop's table. Together with <see cref="Generation"/> it tells an event for this descriptor from a late event for an earlier
    /// one.
    /// </summary>
    internal int Slot { get; set; } = -1;

    internal uint Generation { get; set; }

    /// <summary>The kernel reports its events.</summary>
    internal bool IsWatched { get; set; }

    /// <summary>Closed, but kept until the batch of events ends, because the batch may still name it.</summary>
    internal bool Closed { get; set; }

    /// <summary>Its own timer, made at the first use, because many descriptors need none. Closing takes it out of the wheel.</summary>
    internal LoopTimer Timer => _timer ?? NewTimer();

    /// <summary>Its own timer if it was ever used; else null.</summary>
    internal LoopTimer? TimerIfAny => _timer;

    private LoopTimer NewTimer() => _timer = new LoopTimer(this);

    // Link of the loop's list of descriptors that were closed in this turn.
    internal Pollable? ClosedNext;

    /// <summary>The kernel reports these epoll(7) events.</summary>
    internal abstract void OnReady(uint events);

    void ITimerOwner.OnDeadline(LoopTimer timer) => OnDeadline();

    /// <summary>The deadline of its own <see cref="Timer"/> has passed. It is disarmed before the call.</summary>
    internal virtual void OnDeadline()
    {
    }

    /// <summary>It has been without registration for as long as it may (<see cref="DeferredRegistration"/>).</summary>
    internal virtual void OnRegistrationDue()
    {
    }

    /// <summary>The last call after a close. Nothing refers to the object any more, and it may be used again from here on.</summary>
    internal virtual void OnReleased()
    {
    }
}
