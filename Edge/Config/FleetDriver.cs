namespace Edge.Config;

/// <summary>Who runs the replicas.</summary>
internal enum FleetDriver
{
    /// <summary>The balancer chooses, and says why.</summary>
    Auto,

    /// <summary>Containers of a Docker engine.</summary>
    Docker,

    /// <summary>Child processes of the balancer.</summary>
    Process,

    /// <summary>Somebody else: the addresses are in the options.</summary>
    Static,
}
