namespace Edge.Fleet;

/// <summary>What a row of health checks comes to.</summary>
internal enum HealthVerdict
{
    /// <summary>It has never been well.</summary>
    NotYet,

    /// <summary>It is well: into rotation.</summary>
    Passed,

    /// <summary>It is not well: out of rotation.</summary>
    Failed,

    /// <summary>It has not been well once within the time that a start may take.</summary>
    NeverWell,

    /// <summary>It has not been well for so long that only a restart may help.</summary>
    Wedged,

    /// <summary>It stays in rotation, but failed its last check: what its requests show against it counts for more. Ends with the next verdict.</summary>
    Wavered,
}
