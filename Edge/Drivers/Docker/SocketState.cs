namespace Edge.Drivers;

/// <summary>What is at the path of an engine's socket.</summary>
internal enum SocketState
{
    /// <summary>It is not reached by a path.</summary>
    None,

    /// <summary>Nothing.</summary>
    Missing,

    /// <summary>A file.</summary>
    There,

    /// <summary>A file that is not the engine's any more, see <see cref="StaleSocket"/>.</summary>
    Stale,
}
