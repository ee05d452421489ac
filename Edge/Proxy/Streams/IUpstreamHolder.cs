namespace Edge.Proxy;

/// <summary>
/// A client's connection that can have a stream to a replica for its own requests alone, because a user was authenticated on what carries the stream.
/// </summary>
internal interface IUpstreamHolder
{
    /// <summary>What it has; null for nothing.</summary>
    UpstreamStream? Held { get; set; }
}
