namespace Edge.Io;

/// <summary>The owner of one <see cref="LoopTimer"/> or several.</summary>
internal interface ITimerOwner
{
    /// <summary>The deadline of one of its timers has passed. That timer is disarmed before the call.</summary>
    void OnDeadline(LoopTimer timer);
}
