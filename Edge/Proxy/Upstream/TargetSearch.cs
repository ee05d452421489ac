namespace Edge.Proxy;

/// <summary>What came of looking for a <see cref="AttemptTarget"/>.</summary>
internal enum TargetSearch : byte
{
    Found,

    /// <summary>There is no room, or no replica yet: the request waits.</summary>
    Waits,

    /// <summary>There is no replica, and none is on its way.</summary>
    Hopeless,
}
