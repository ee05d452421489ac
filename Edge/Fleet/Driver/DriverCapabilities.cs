namespace Edge.Fleet;

/// <summary>What a driver can do, and what is to be known of its replicas. What is decided by it is never decided by a driver's name.</summary>
internal sealed record DriverCapabilities
{
    /// <summary>
    /// It starts, stops and removes replicas. So what dies is started again, calls may add and remove, and a replica has to pass a health check before
    /// it takes requests. Where it does not, its replicas are there, and are taken to be well until they fail one.
    /// </summary>
    internal required bool StartsReplicas { get; init; }

    /// <summary>
    /// It sees that a replica ends. So one that is reported as ended has ended, and what it was asked is lost. Where it does not, one that is no longer
    /// listed may live on, at an address that is not its name's any more.
    /// </summary>
    internal required bool SeesEnds { get; init; }

    /// <summary>It can have a replica fail on purpose.</summary>
    internal required bool InflictsFaults { get; init; }

    /// <summary>It needs an engine's socket, which the user that the balancer becomes must be allowed to use.</summary>
    internal bool NeedsEngine { get; init; }

    /// <summary>Its replicas are all the built-in one, of which it is known what it answers.</summary>
    internal bool IsBuiltInReplica { get; init; }

    /// <summary>What to look at where a replica's port refuses, for a reader; empty where nothing can be said.</summary>
    internal string PortHint { get; init; } = "";

    /// <summary>What to look at where a replica cannot be reached, for a reader.</summary>
    internal string NetworkHint { get; init; } = "Edge:Health:Timeout";
}
