namespace Edge.Control;

/// <summary>Whether a caller may use the balancer's own paths.</summary>
internal enum Access
{
    /// <summary>With the token.</summary>
    GrantedByToken,

    /// <summary>No token is configured, and the caller is on this machine.</summary>
    GrantedByLoopback,

    /// <summary>A token is configured, and the caller has sent none.</summary>
    TokenNeeded,

    /// <summary>A token is configured, and the caller has sent another one, or something else in its place.</summary>
    TokenWrong,

    /// <summary>Too many wrong ones came from the caller's address.</summary>
    TooManyAttempts,

    /// <summary>No token is configured, and the caller is not on this machine.</summary>
    LoopbackOnly,

    /// <summary>No token is configured, and the caller on this machine speaks for somebody else.</summary>
    NotForwarded,

    /// <summary>No token is configured, and the name that was called could be anybody's.</summary>
    UnknownHost,

    /// <summary>A browser would have something changed that the balancer's own page did not ask for.</summary>
    CrossOrigin,
}
