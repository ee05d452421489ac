namespace Edge.Fleet;

/// <summary>What the comparison of new replicas with old ones comes to.</summary>
internal enum JudgeVerdict
{
    /// <summary>There are too few figures.</summary>
    Undecided,

    /// <summary>The new ones are as good.</summary>
    Pass,

    /// <summary>The new ones are worse.</summary>
    Revert,

    /// <summary>The new ones are different, and a person has to say whether that is wanted.</summary>
    Pause,
}
