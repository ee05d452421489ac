namespace Edge.Proxy;

internal enum ResponseHeadResult : byte
{
    /// <summary>Not whole yet.</summary>
    Partial,

    /// <summary>The final response's head is in <see cref="LoopContext.ResponseHead"/>.</summary>
    Complete,

    /// <summary>The head of a 101 is there: if the client wants that, the bytes behind it are not HTTP.</summary>
    Switching,

    /// <summary>The connection ended or broke first.</summary>
    Ended,

    Malformed,
}
