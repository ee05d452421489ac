namespace Edge.Proxy;

/// <summary>Who can have a stream to a replica for its own requests alone, because a user was authenticated on what carries it: a client's connection.</summary>
internal interface IUpstreamHolder
{
    /// <summary>What it has; null for nothing.</summary>
    UpstreamStream? Held { get; set; }
}
