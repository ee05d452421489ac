namespace Edge.Fleet;

/// <summary>What a person may have a deploy do.</summary>
internal enum DeployCommand
{
    /// <summary>Wait.</summary>
    Pause,

    /// <summary>Go on.</summary>
    Resume,

    /// <summary>Go on to the next phase, whatever the judge says.</summary>
    Promote,

    /// <summary>Take the new version back before it is promoted.</summary>
    Abort,

    /// <summary>Have the version before serve again, while it is kept.</summary>
    Rollback,
}
