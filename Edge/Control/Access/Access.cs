namespace Edge.Control;

/// <summary>Whether a caller may call the balancer's own paths, and why not.</summary>
internal enum Access
{
    /// <summary>Yes: it has sent the token.</summary>
    GrantedByToken,

    /// <summary>Yes: no token is configured, and the caller is on this machine.</summary>
    GrantedByLoopback,

    /// <summary>No: a token is configured, and the caller has sent none.</summary>
    TokenNeeded,

    /// <summary>No: a token is configured, and the caller has sent another one, or something else in its place.</summary>
    TokenWrong,

    /// <summary>No: too many wrong tokens came from the caller's address.</summary>
    TooManyAttempts,

    /// <summary>No: no token is configured, and the caller is not on this machine.</summary>
    LoopbackOnly,

    /// <summary>No: no token is configured, and the caller on this machine is a proxy for another client.</summary>
    NotForwarded,

    /// <summary>No: no token is configured, and the called name could belong to anyone.</summary>
    UnknownHost,

    /// <summary>No: a web page of another origin asks for a change.</summary>
    CrossOrigin,
}
