namespace Edge.Fleet;

/// <summary>Who made a replica, which decides what the balancer may do to it.</summary>
internal enum ReplicaOrigin
{
    /// <summary>The balancer did: it starts, heals, makes anew and removes it.</summary>
    Made,

    /// <summary>Someone else did, and labelled it as the fleet's: it is routed to and started again when it dies, and removed only when a call asks for it.</summary>
    Adopted,

    /// <summary>Someone else did, and only its name or its address makes it a replica: it is routed to while it is well, and nothing else is done to it.</summary>
    Listed,
}
