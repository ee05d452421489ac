namespace Edge.Fleet;

/// <summary>What the figures of new and old replicas say.</summary>
internal enum JudgeVerdict
{
    /// <summary>Nothing yet.</summary>
    Undecided,

    /// <summary>The new ones are no worse.</summary>
    Pass,

    /// <summary>They are worse: they fail more requests, or are slower.</summary>
    Revert,

    /// <summary>They refuse more requests (4xx). That may be meant, so people decide.</summary>
    Pause,
}
