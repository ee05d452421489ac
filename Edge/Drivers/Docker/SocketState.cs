namespace Edge.Drivers;

/// <summary>What exists at the path of an engine's socket.</summary>
internal enum SocketState
{
    /// <summary>The engine is not reached by a path.</summary>
    None,

    /// <summary>Nothing.</summary>
    Missing,

    /// <summary>A file.</summary>
    There,

    /// <summary>A file that does not belong to the engine any more, see <see cref="StaleSocket"/>.</summary>
    Stale,
}
