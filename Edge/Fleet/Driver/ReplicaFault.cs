namespace Edge.Fleet;

/// <summary>How a replica can be made to fail.</summary>
internal enum ReplicaFault
{
    /// <summary>It ends at once, without a chance to close anything (SIGKILL).</summary>
    Kill,

    /// <summary>It stands still: its connections stay open, and nothing answers.</summary>
    Freeze,
}
