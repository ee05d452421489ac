namespace Edge.Drivers;

/// <summary>Whether a container's processes run.</summary>
internal enum ContainerState
{
    /// <summary>The processes run.</summary>
    Running,

    /// <summary>The processes exist, and get no processor time.</summary>
    Paused,

    /// <summary>There are no processes, and the engine is about to start them again because of the container's own restart policy.</summary>
    Restarting,

    /// <summary>There are no processes.</summary>
    Stopped,
}
