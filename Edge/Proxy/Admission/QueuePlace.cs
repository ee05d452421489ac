namespace Edge.Proxy;

/// <summary>The place of a request in the queue, if it waits; in the loop's milliseconds.</summary>
internal struct QueuePlace
{
    internal bool IsTaken;

    internal long Since;

    /// <summary>When its wait ends.</summary>
    internal long Until;

    internal Exchange? After;

    internal Exchange? Before;
}
