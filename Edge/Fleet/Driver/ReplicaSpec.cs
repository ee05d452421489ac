namespace Edge.Fleet;

/// <summary>A replica that is to be started.</summary>
/// <param name="Name">Its name in the REST contract.</param>
/// <param name="Weight">Its share of the requests, 1 to 256.</param>
/// <param name="UnitId">The driver's id of what is started again; null if there was nothing before.</param>
/// <param name="Origin">Who made that unit.</param>
internal readonly record struct ReplicaSpec(string Name, int Weight, string? UnitId = null, ReplicaOrigin Origin = ReplicaOrigin.Made)
{
    /// <summary>Its image; null if nothing says it.</summary>
    internal ReplicaImage? Image { get; init; }

    /// <summary>Its generation; null if it has none, for example because the balancer did not make it.</summary>
    internal int? Generation { get; init; }

    /// <summary>The deploy that makes it, or has made it; null if none has.</summary>
    internal DeployMark? Mark { get; init; }
}
