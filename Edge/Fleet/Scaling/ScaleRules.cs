namespace Edge.Fleet;

/// <summary>How many replicas there may be, and from what their number follows. Immutable.</summary>
/// <param name="Minimum">So many there are in any case, while the fleet is awake.</param>
/// <param name="Maximum">So many there are at most.</param>
internal sealed record ScaleRules(int Minimum, int Maximum)
{
    /// <summary>How many requests one replica can work at.</summary>
    internal required int InFlight { get; init; }

    /// <summary>How much of that it is to have, in percent: what is left takes up what comes while others are started.</summary>
    internal required int Percent { get; init; }

    /// <summary>The time over which the load is averaged.</summary>
    internal required TimeSpan Window { get; init; }

    /// <summary>The short time over which a sudden load is seen.</summary>
    internal required TimeSpan Burst { get; init; }

    /// <summary>How many may be started at the same time.</summary>
    internal required int Starting { get; init; }

    /// <summary>How long fewer have to be enough before one is ended.</summary>
    internal required TimeSpan Down { get; init; }

    /// <summary>Requests in flight on one replica, as it should be.</summary>
    internal double Target => InFlight * Percent / 100.0;
}
