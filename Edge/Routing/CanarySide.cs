namespace Edge.Routing;

/// <summary>The two groups of replicas that are compared while there is a canary.</summary>
internal enum CanarySide : byte
{
    /// <summary>The replicas of the table that has the canary.</summary>
    Old,

    /// <summary>Those of the canary.</summary>
    New,
}
