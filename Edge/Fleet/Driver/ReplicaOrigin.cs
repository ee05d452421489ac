namespace Edge.Fleet;

/// <summary>Who made a replica. This decides what the balancer may do to it.</summary>
internal enum ReplicaOrigin
{
    /// <summary>The balancer made it: it starts it, heals it, makes it anew and removes it.</summary>
    Made,

    /// <summary>
    /// Someone else made it, with the fleet's label: it gets requests and is started again when it dies, and it is removed only by a call.
    /// </summary>
    Adopted,

    /// <summary>
    /// Someone else made it, and only its name or its address makes it a replica: it gets requests while it is well, and the balancer does nothing
    /// else to it.
    /// </summary>
    Listed,
}
