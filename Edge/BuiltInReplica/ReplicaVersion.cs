namespace Edge.BuiltInReplica;

/// <summary>
/// A version of the built-in replica, as its image says: <c>replica</c>, or <c>replica:TAG</c>. Any tag is a good version, but those that begin with a
/// fault: with them a person sees what becomes of a bad one.
/// </summary>
internal enum ReplicaVersion
{
    /// <summary>It answers.</summary>
    Good,

    /// <summary>GET /home gets 500.</summary>
    Failing,

    /// <summary>GET /home gets no answer.</summary>
    Hanging,

    /// <summary>It ends when it is asked for /home.</summary>
    Crashing,
}
