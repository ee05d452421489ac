namespace Edge.Proxy;

/// <summary>What an exchange is at. Each has data that means something in it alone.</summary>
internal enum ExchangeState : byte
{
    /// <summary>There is no request, or it is over.</summary>
    Idle,

    /// <summary>A replica is looked for, or waited for in the queue: there is no stream to one.</summary>
    Seeking,

    /// <summary>The request is a replica's: there is a stream to it, connected or not yet.</summary>
    Attempting,

    /// <summary>The answer was handed over, and the rest of the request still goes by the stream to the replica.</summary>
    Answered,

    /// <summary>Both streams belong to a tunnel.</summary>
    Tunnelling,
}
