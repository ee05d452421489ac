namespace Edge.Proxy;

/// <summary>Whether a request goes on to its service.</summary>
internal enum AccessVerdict
{
    Admitted,

    /// <summary>The client's address is in none of the networks that may ask.</summary>
    NotAllowed,

    /// <summary>The client has sent more requests than it may.</summary>
    TooManyRequests,

    /// <summary>No user and password that are right came with it.</summary>
    Unauthorized,

    /// <summary>The client has sent so many wrong passwords that none is looked at now.</summary>
    TooManyAttempts,
}
