namespace Edge.Proxy;

internal enum RelayResult : byte
{
    /// <summary>One side is not ready; the kernel reports when it is.</summary>
    Blocked,

    /// <summary>There is more to do at once, but other connections have their turn first.</summary>
    Yielded,

    /// <summary>The whole body was taken from the source and handed to the sink.</summary>
    Done,

    /// <summary>The source ended or broke before the body did.</summary>
    SourceEnded,

    /// <summary>The body's framing is malformed.</summary>
    Malformed,

    SinkBroken,
}
