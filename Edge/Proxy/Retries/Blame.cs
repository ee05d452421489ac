namespace Edge.Proxy;

/// <summary>Against whom a failure counts.</summary>
internal enum Blame : byte
{
    /// <summary>Nobody: it was not the replica, or nobody can tell.</summary>
    Nobody,

    /// <summary>The replica or the page: other replicas may do no better. It counts if more is known against the replica.</summary>
    Doubtful,

    /// <summary>The replica.</summary>
    Replica,
}
