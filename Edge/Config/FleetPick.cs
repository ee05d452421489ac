namespace Edge.Config;

/// <summary>Which replica a request goes to.</summary>
internal enum FleetPick
{
    /// <summary>Each in turn, by weight.</summary>
    RoundRobin,

    /// <summary>The one that has the least to do for its weight; of those that are equal, each in turn, by weight.</summary>
    LessLoaded,
}
