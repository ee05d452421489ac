namespace Edge.Config;

/// <summary>What becomes of the replicas of a service that goes to sleep.</summary>
internal enum ScaleAsleep
{
    /// <summary>They are stopped: they need no memory.</summary>
    Stop,

    /// <summary>They are paused: they keep their memory, and are back in less than a second.</summary>
    Pause,
}
