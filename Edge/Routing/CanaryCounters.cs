using Edge.Telemetry;

namespace Edge.Routing;

/// <summary>
/// What one loop counts of one side of a comparison; padded, so that no two loops write to the same cache line. All fields are longs, or structs of longs.
/// </summary>
internal struct CanaryCounters
{
#pragma warning disable CS0169, IDE0051 // Never read: it only takes up room.
    private CacheLine _before;
#pragma warning restore CS0169, IDE0051

    /// <summary>See <see cref="CanaryTally.Attempts"/>.</summary>
    internal long Attempts;

    /// <summary>See <see cref="CanaryTally.Errors"/>.</summary>
    internal long Errors;

    /// <summary>See <see cref="CanaryTally.ClientErrors"/>.</summary>
    internal long ClientErrors;

    /// <summary>See <see cref="CanaryTally.Response"/>.</summary>
    internal Histogram Response;
}
