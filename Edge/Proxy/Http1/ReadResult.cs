namespace Edge.Proxy;

internal enum ReadResult : byte
{
    /// <summary>What was asked for is there, whole.</summary>
    Complete,

    /// <summary>More is needed, and may be there already.</summary>
    Partial,

    /// <summary>More is needed, and the kernel says when it comes.</summary>
    Blocked,

    /// <summary>It is refused.</summary>
    Bad,

    /// <summary>The client's connection ended or broke.</summary>
    Ended,
}
