namespace Edge.Proxy;

/// <summary>The place of a request among those that wait, if it does; in the loop's milliseconds.</summary>
internal struct QueuePlace
{
    internal bool IsTaken;

    internal long Since;

    /// <summary>When it has waited long enough.</summary>
    internal long Until;

    internal Exchange? After;

    internal Exchange? Before;
}
