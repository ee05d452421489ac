using System.Diagnostics;

namespace Edge.Io;

/// <summary>One deadline of one owner, for a <see cref="TimerWheel"/>. Belongs to one loop, and only that loop's thread uses it.</summary>
/// <param name="owner">Called when the deadline has passed.</param>
internal sealed class LoopTimer(ITimerOwner owner)
{
    /// <summary>The deadline of a timer that is not armed.</summary>
    internal const long Never = long.MaxValue;

    /// <summary>When the owner is called, in the loop's milliseconds. Only the wheel sets it.</summary>
    internal long Deadline = Never;

    // Its place in the wheel: a tick, and the neighbours in that tick's list; 0 if it is in no list. A disarmed timer may stay in a list for a while;
    // its next deadline is then only a store to the field above.
    internal long Tick;
    internal LoopTimer? Next;
    internal LoopTimer? Previous;

    internal bool IsArmed => Deadline != Never;

    /// <summary>There is nothing to wait for any more.</summary>
    internal void Disarm() => Deadline = Never;

    /// <summary>For the wheel: the deadline has passed. The timer is disarmed before the owner is called, and the owner may arm it again.</summary>
    internal void Expire()
    {
        Debug.Assert(IsArmed && Tick == 0, "only a timer that is armed, and that the wheel has taken out of its list, expires");
        Deadline = Never;
        owner.OnDeadline(this);
    }
}
