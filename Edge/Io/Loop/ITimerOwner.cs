namespace Edge.Io;

/// <summary>Owns one <see cref="LoopTimer"/> or several.</summary>
internal interface ITimerOwner
{
    /// <summary>The deadline of one of them has passed. That timer is disarmed before the call.</summary>
    void OnDeadline(LoopTimer timer);
}
