using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace Edge.Fleet;

/// <summary>A replica as its driver sees it: it runs.</summary>
/// <param name="Id">The driver's own; another start of the same name has another one.</param>
/// <param name="Name">Its name in the REST contract.</param>
/// <param name="Address">Where it takes requests.</param>
/// <param name="Weight">Its share of the requests, 1 to 256.</param>
/// <param name="Objection">Why the driver wants no requests on it now, whatever its health checks say; null where it has nothing against it.</param>
internal sealed record ObservedReplica(string Id, string Name, IPEndPoint Address, int Weight, string? Objection = null)
{
    /// <summary>What it is made of; null where there is no name for that.</summary>
    internal ReplicaImage? Image { get; init; }

    /// <summary>Its generation; null where it has none.</summary>
    internal int? Generation { get; init; }

    /// <summary>
    /// The driver's own id of what can be stopped and started again, and may change its name meanwhile: of a container, its id. Where a
    /// replica can't be started again, the same as <see cref="Id"/>.
    /// </summary>
    [AllowNull]
    internal string UnitId { get => field ?? Id; init; }

    /// <summary>Who made it.</summary>
    internal ReplicaOrigin Origin { get; init; } = ReplicaOrigin.Made;

    /// <summary>The path of its health checks, where it says so itself; null for the options'.</summary>
    internal string? HealthPath { get; init; }

    /// <summary>The Host of its health checks, where it says so itself; null for the options'.</summary>
    internal string? HealthHost { get; init; }

    /// <summary>How much longer than others it says that it may take to become well.</summary>
    internal TimeSpan StartPeriod { get; init; }
}
