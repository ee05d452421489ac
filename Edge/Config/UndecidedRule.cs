namespace Edge.Config;

/// <summary>What becomes of a deploy whose canary is neither found good nor bad in its time.</summary>
internal enum UndecidedRule
{
    /// <summary>It goes on.</summary>
    Promote,

    /// <summary>It waits for a person.</summary>
    Pause,

    /// <summary>It is taken back.</summary>
    Revert,
}
