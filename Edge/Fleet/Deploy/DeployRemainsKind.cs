namespace Edge.Fleet;

/// <summary>How far a deploy had come, as the replicas show that it left.</summary>
internal enum DeployRemainsKind
{
    /// <summary>Only the first new replica is there: nothing was decided.</summary>
    Undecided,

    /// <summary>There are more of them: the first one had proved itself.</summary>
    Passed,

    /// <summary>The first one is not there any more, but others are: it was being taken back.</summary>
    Aborted,

    /// <summary>No old replica runs any more: the new version serves.</summary>
    Promoted,
}
