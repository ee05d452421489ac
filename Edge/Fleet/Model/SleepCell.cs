namespace Edge.Fleet;

/// <summary>What the loops have to be told of a fleet whose size follows the load. Belongs to the fleet manager's actor.</summary>
internal sealed class SleepCell
{
    /// <summary>Whether the loops measure what is asked of the service.</summary>
    internal bool IsMeasured { get; set; }

    /// <summary>Whether a request is a reason to start a replica, and waits for it: the fleet sleeps, or wakes.</summary>
    internal bool IsAsleep { get; set; }
}
