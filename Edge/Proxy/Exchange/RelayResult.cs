namespace Edge.Proxy;

internal enum RelayResult : byte
{
    /// <summary>One side has to be waited for; the kernel reports it.</summary>
    Blocked,

    /// <summary>There is more to do at once, but others have a turn first.</summary>
    Yielded,

    /// <summary>The whole body was taken from the source and handed to the sink.</summary>
    Done,

    /// <summary>The source ended or broke before the body did.</summary>
    SourceEnded,

    /// <summary>The body breaks its own framing.</summary>
    Malformed,

    SinkBroken,
}
