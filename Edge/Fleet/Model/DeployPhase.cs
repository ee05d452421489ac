namespace Edge.Fleet;

/// <summary>How far a deploy has come.</summary>
internal enum DeployPhase
{
    /// <summary>The image is looked for, or pulled.</summary>
    Pulling,

    /// <summary>The first new replica is started.</summary>
    Starting,

    /// <summary>The first new replica is asked for some paths, before any client is.</summary>
    Smoke,

    /// <summary>The first new replica gets a share of the requests, and is compared with the old ones.</summary>
    Canary,

    /// <summary>The other new replicas are started.</summary>
    Filling,

    /// <summary>All requests go to the new replicas; the old ones still run.</summary>
    Switched,

    /// <summary>The old replicas are drained and stopped.</summary>
    Retiring,

    /// <summary>It is over: the new version serves.</summary>
    Done,

    /// <summary>The new replicas are removed.</summary>
    Reverting,

    /// <summary>It is over: the old version serves.</summary>
    Reverted,
}
