namespace Edge.Control;

/// <summary>The fleet as a whole.</summary>
/// <param name="Name">Distinguishes its replicas from those of another balancer.</param>
/// <param name="Driver">docker, process or static.</param>
/// <param name="DriverState">starting until the driver has listed the replicas once, then watching, or lost while it is out of sync.</param>
/// <param name="DriverWhy">Why it is out of sync; null if it is in sync.</param>
/// <param name="Owned">Whether the balancer starts and stops the replicas.</param>
/// <param name="Members">How many replicas there are, in any state.</param>
/// <param name="Running">How many of them run.</param>
/// <param name="InRotation">How many of them take requests.</param>
/// <param name="Minimum">How many replicas a removal must leave.</param>
/// <param name="Maximum">How many replicas there may be.</param>
/// <param name="Panic">
/// Whether ejected replicas, or servers of a static fleet that fail their health checks, get requests because there are no others.
/// </param>
internal sealed record FleetReport(
    string Name,
    string Driver,
    string DriverState,
    string? DriverWhy,
    bool Owned,
    int Members,
    int Running,
    int InRotation,
    int Minimum,
    int Maximum,
    bool Panic)
{
    /// <summary>How its size follows the load. Null from a balancer of an older version.</summary>
    public ScaleReport? Scale { get; init; }

    /// <summary>The deploy that is under way, or the last one. Null if there was none since the start.</summary>
    public DeploySummary? Deploy { get; init; }
}
