namespace Edge.Proxy;

/// <summary>Against whom a failure speaks.</summary>
internal enum Blame : byte
{
    /// <summary>Nobody: it was not the replica, or nothing tells whether it was.</summary>
    Nobody,

    /// <summary>The replica, or what was asked of it: other replicas may do no better. It counts where more is known against the replica.</summary>
    Doubtful,

    /// <summary>The replica.</summary>
    Replica,
}
