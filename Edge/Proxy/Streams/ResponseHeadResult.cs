namespace Edge.Proxy;

/// <summary>What came of reading a response's head.</summary>
internal enum ResponseHeadResult : byte
{
    /// <summary>Not whole yet.</summary>
    Partial,

    /// <summary>The head of an interim response (1xx) is in <see cref="LoopContext.ResponseHead"/>; what follows it is read next.</summary>
    Interim,

    /// <summary>The final response's head is in <see cref="LoopContext.ResponseHead"/>.</summary>
    Complete,

    /// <summary>The head of a 101 is there: if the client wants that, the bytes behind it are not HTTP.</summary>
    Switching,

    /// <summary>The stream ended or broke first.</summary>
    Ended,

    Malformed,
}
