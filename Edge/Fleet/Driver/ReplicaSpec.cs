namespace Edge.Fleet;

/// <summary>A replica as it is wanted.</summary>
/// <param name="Name">Its name in the REST contract.</param>
/// <param name="Weight">Its share of the requests, 1 to 256.</param>
/// <param name="UnitId">What shall be started again, by the driver's id; null where there has been nothing yet.</param>
/// <param name="Origin">Who made that.</param>
internal readonly record struct ReplicaSpec(string Name, int Weight, string? UnitId = null, ReplicaOrigin Origin = ReplicaOrigin.Made)
{
    /// <summary>What it is made of; null where nothing says so.</summary>
    internal ReplicaImage? Image { get; init; }

    /// <summary>Its generation; null where it has none, as what the balancer did not make.</summary>
    internal int? Generation { get; init; }
}
