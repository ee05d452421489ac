namespace Edge.Fleet;

/// <summary>Why a call was refused or failed.</summary>
internal enum CallRefusalKind
{
    /// <summary>The call asks for something that is not allowed.</summary>
    Invalid,

    /// <summary>There is no such replica.</summary>
    Unknown,

    /// <summary>A name is taken, or the balancer may not change this fleet.</summary>
    Conflict,

    /// <summary>The driver, or the new replica, failed.</summary>
    Failed,

    /// <summary>The driver cannot do anything now.</summary>
    Unavailable,
}
