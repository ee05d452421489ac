namespace Edge.Fleet;

/// <summary>What the fleet manager has to know. Immutable; new ones take its place in <see cref="FleetSettingsCell"/>.</summary>
/// <param name="Replicas">How many members there shall be after the start.</param>
/// <param name="Minimum">How many a removal must leave.</param>
/// <param name="Maximum">How many there may be.</param>
/// <param name="Start">From the start of a replica to its first passed check, at most.</param>
/// <param name="Drain">For requests in flight of a replica that is removed.</param>
internal sealed record FleetSettings(int Replicas, int Minimum, int Maximum, TimeSpan Start, TimeSpan Drain)
{
    /// <summary>How long the share of a replica that is new or back grows; zero for not at all.</summary>
    internal TimeSpan SlowStart { get; init; }

    /// <summary>Whether the servers of a static fleet are asked all the same where all of them fail their health checks.</summary>
    internal bool AsksUnhealthy { get; init; } = true;

    internal EjectionSettings Ejection { get; init; } = EjectionSettings.Off;

    /// <summary>Whether an adopted replica that stays ill is stopped and started again.</summary>
    internal bool RestartAdopted { get; init; }
}
