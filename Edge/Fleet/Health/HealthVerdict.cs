namespace Edge.Fleet;

/// <summary>What follows from several health checks.</summary>
internal enum HealthVerdict
{
    /// <summary>It has never been well.</summary>
    NotYet,

    /// <summary>It is well: into rotation.</summary>
    Passed,

    /// <summary>It is not well: out of rotation.</summary>
    Failed,

    /// <summary>It was not well at any time within the time for a start.</summary>
    NeverWell,

    /// <summary>It has not been well for so long that only a restart may help.</summary>
    Wedged,

    /// <summary>It stays in rotation, but failed its last check, so failures of its requests count for more. Ends with the next verdict.</summary>
    Wavered,
}
