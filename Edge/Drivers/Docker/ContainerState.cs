namespace Edge.Drivers;

/// <summary>Whether a container's processes run.</summary>
internal enum ContainerState
{
    /// <summary>They run.</summary>
    Running,

    /// <summary>They are there, and get no processor time.</summary>
    Paused,

    /// <summary>There are none, and the engine is about to start them again, by the container's own restart policy.</summary>
    Restarting,

    /// <summary>There are none.</summary>
    Stopped,
}
