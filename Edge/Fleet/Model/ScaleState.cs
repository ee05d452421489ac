namespace Edge.Fleet;

/// <summary>What a fleet is at whose size follows the load.</summary>
internal enum ScaleState
{
    /// <summary>Its size does not follow the load.</summary>
    Fixed,

    /// <summary>It has as many replicas as it needs.</summary>
    Awake,

    /// <summary>It has another number of replicas than it needs, or some of them are still being started.</summary>
    Scaling,

    /// <summary>No replica runs, and the first request starts one.</summary>
    Asleep,

    /// <summary>The first replica is being started, and requests wait for it.</summary>
    Waking,

    /// <summary>It could not be started again and again: requests are answered with 503 at once, and the starts go on with growing pauses.</summary>
    Broken,
}
