namespace Edge.Fleet;

/// <summary>How many replicas there are now, as the <see cref="Autoscaler"/> sees it.</summary>
/// <param name="Ready">In rotation.</param>
/// <param name="Starting">Being started, for the first time or again.</param>
internal readonly record struct FleetSize(int Ready, int Starting)
{
    /// <summary>Those that run and are out of rotation. They count as there, because they are healed and not replaced.</summary>
    internal int Unwell { get; init; }

    /// <summary>How many may be ended: those that the balancer made.</summary>
    internal int Endable { get; init; }

    /// <summary>How many requests are in flight on replicas beyond what each of them can work at.</summary>
    internal double Queued { get; init; }

    /// <summary>How long a start takes: the median of the last ones; zero if none was seen.</summary>
    internal TimeSpan StartTime { get; init; }

    /// <summary>Why none may be started or ended now; null if they may.</summary>
    internal string? Rest { get; init; }

    /// <summary>Why none may be started now; null if they may.</summary>
    internal string? NoStart { get; init; }

    /// <summary>All that there are.</summary>
    internal int There => Ready + Starting + Unwell;
}
