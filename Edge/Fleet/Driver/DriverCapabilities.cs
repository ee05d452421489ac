namespace Edge.Fleet;

/// <summary>What a driver can do, and what has to be known of its replicas. Decisions depend on these properties, never on a driver's name.</summary>
internal sealed record DriverCapabilities
{
    /// <summary>
    /// It starts, stops and removes replicas. So a replica that dies is started again, calls may add and remove, and a replica has to pass a health
    /// check before it gets requests. If it does not, its replicas exist already, and count as well until they fail a check.
    /// </summary>
    internal required bool StartsReplicas { get; init; }

    /// <summary>
    /// It sees the end of a replica. So a replica that is reported as ended has ended, and its requests are lost. If it does not, a replica that is
    /// no longer listed may still live, at an address that its name has no more.
    /// </summary>
    internal required bool SeesEnds { get; init; }

    /// <summary>It can make a replica fail on purpose.</summary>
    internal required bool InflictsFaults { get; init; }

    /// <summary>It can pause replicas, which stay paused if the balancer ends.</summary>
    internal bool PausesReplicas { get; init; }

    /// <summary>It needs an engine's socket. The user that the balancer becomes must be allowed to use it.</summary>
    internal bool NeedsEngine { get; init; }

    /// <summary>All of its replicas are the built-in one, whose paths are known.</summary>
    internal bool IsBuiltInReplica { get; init; }

    /// <summary>What to check if a replica's port refuses connections, for people; empty if nothing is known.</summary>
    internal string PortHint { get; init; } = "";

    /// <summary>What to check if a replica cannot be reached, for people.</summary>
    internal string NetworkHint { get; init; } = "Edge:Health:Timeout";
}
