namespace Edge.Proxy;

internal enum ResponseHeadResult : byte
{
    /// <summary>Not whole yet.</summary>
    Partial,

    /// <summary>The final response's head is in <see cref="LoopContext.ResponseHead"/>.</summary>
    Complete,

    /// <summary>The head of a 101 is there: what follows it is no HTTP, if the client wants it so.</summary>
    Switching,

    /// <summary>The connection ended or broke first.</summary>
    Ended,

    Malformed,
}
