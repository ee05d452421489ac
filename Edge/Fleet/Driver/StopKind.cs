namespace Edge.Fleet;

/// <summary>What happens to a replica after it is stopped.</summary>
internal enum StopKind
{
    /// <summary>It leaves the fleet. Nothing of it stays, except what the balancer did not make.</summary>
    Remove,

    /// <summary>It is made anew, with the same name.</summary>
    Replace,

    /// <summary>It stays as it is, and is started again.</summary>
    Restart,

    /// <summary>It stays as it is and does not run, until the fleet starts it again or removes it. Only for what the balancer made.</summary>
    Keep,

    /// <summary>The same, but it is paused: it keeps its memory, and is back at once. Only where the driver can do that.</summary>
    Pause,
}
