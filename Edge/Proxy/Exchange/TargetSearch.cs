namespace Edge.Proxy;

/// <summary>The result of looking for an <see cref="AttemptTarget"/>.</summary>
internal enum TargetSearch : byte
{
    Found,

    /// <summary>There is no room, or no replica yet: the request waits in the queue.</summary>
    Waits,

    /// <summary>There is no replica, and none is on its way.</summary>
    Hopeless,
}
