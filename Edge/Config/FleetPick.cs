namespace Edge.Config;

/// <summary>How the replica of a request is picked.</summary>
internal enum FleetPick
{
    /// <summary>One after the other, by weight.</summary>
    RoundRobin,

    /// <summary>The one that has the least to do for its weight; if several are equal, one after the other, by weight.</summary>
    LessLoaded,
}
