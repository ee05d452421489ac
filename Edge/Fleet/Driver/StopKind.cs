namespace Edge.Fleet;

/// <summary>What becomes of a replica that is stopped.</summary>
internal enum StopKind
{
    /// <summary>It leaves the fleet: nothing of it stays but what the balancer did not make.</summary>
    Remove,

    /// <summary>It is made anew under its name.</summary>
    Replace,

    /// <summary>It stays as it is, and is started again.</summary>
    Restart,
}
