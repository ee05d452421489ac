namespace Edge.Config;

/// <summary>The driver that runs the replicas.</summary>
internal enum FleetDriver
{
    /// <summary>The balancer chooses, and says why.</summary>
    Auto,

    /// <summary>Containers of a Docker engine.</summary>
    Docker,

    /// <summary>Child processes of the balancer.</summary>
    Process,

    /// <summary>No driver of the balancer: the addresses are in the options.</summary>
    Static,
}
