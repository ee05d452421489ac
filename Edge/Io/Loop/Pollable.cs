namespace Edge.Io;

/// <summary>
/// A descriptor that an event loop watches. It belongs to one loop and is touched by its thread alone. Each list that
/// it can be in has links of its own: two lists that shared one would hand a connection to the wrong owner.
/// </summary>
internal abstract class Pollable : Deferrable
{
    internal const long Never = long.MaxValue;

    internal int Fd { get; set; } = -1;

    /// <summary>Its place in the loop's table; with <see cref="Generation"/> it tells an event for this descriptor from a stale one for a former.</summary>
    internal int Slot { get; set; } = -1;

    internal uint Generation { get; set; }

    /// <summary>The kernel reports its events.</summary>
    internal bool IsWatched { get; set; }

    /// <summary>Closed, but kept until the batch of events ends, since the batch may still name it.</summary>
    internal bool Closed { get; set; }

    /// <summary>When <see cref="OnDeadline"/> is due, in the loop's milliseconds.</summary>
    internal long Deadline { get; set; } = Never;

    // Links of the timer wheel; TimerTick is 0 where it is in none of its lists.
    internal long TimerTick;
    internal Pollable? TimerNext;
    internal Pollable? TimerPrevious;

    // Link of the loop's list of those closed in this turn.
    internal Pollable? ClosedNext;

    /// <summary>The kernel reports these epoll(7) events.</summary>
    internal abstract void OnReady(uint events);

    /// <summary>The deadline has passed. It is disarmed before the call.</summary>
    internal virtual void OnDeadline()
    {
    }

    /// <summary>The last call after a close, when nothing refers to it any more; it may be reused from here on.</summary>
    internal virtual void OnReleased()
    {
    }
}
