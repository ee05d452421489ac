namespace Edge.Proxy;

internal enum ReadResult : byte
{
    /// <summary>The whole of it is there.</summary>
    Complete,

    /// <summary>More bytes are needed, and may be there already.</summary>
    Partial,

    /// <summary>More bytes are needed, and the kernel reports when they come.</summary>
    Blocked,

    /// <summary>It is refused.</summary>
    Bad,

    /// <summary>The client's connection ended or broke.</summary>
    Ended,
}
