namespace Edge.Control;

/// <summary>The fleet as a whole.</summary>
/// <param name="Name">Tells its replicas from another balancer's.</param>
/// <param name="Driver">docker, process or static.</param>
/// <param name="DriverState">starting until the driver has said once what runs, then watching, or lost while it sees nothing.</param>
/// <param name="DriverWhy">Why it sees nothing; null where it does.</param>
/// <param name="Owned">Whether the balancer starts and stops the replicas.</param>
/// <param name="Members">How many replicas there are, in whatever state.</param>
/// <param name="Running">How many of them run.</param>
/// <param name="InRotation">How many of them take requests.</param>
/// <param name="Minimum">How many replicas a removal must leave.</param>
/// <param name="Maximum">How many replicas there may be.</param>
/// <param name="Panic">Whether replicas that are ejected, or of a static fleet fail their health checks, take requests, since there are no others.</param>
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
    bool Panic);
