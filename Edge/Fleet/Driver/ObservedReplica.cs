using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace Edge.Fleet;

/// <summary>A running replica, as its driver sees it.</summary>
/// <param name="Id">The driver's id of this run; another start under the same name has another id.</param>
/// <param name="Name">Its name in the REST contract.</param>
/// <param name="Address">The address for requests.</param>
/// <param name="Weight">Its share of the requests, 1 to 256.</param>
/// <param name="Objection">Why the driver wants no requests on it now, even if its health checks pass; null if there is no objection.</param>
internal sealed record ObservedReplica(string Id, string Name, IPEndPoint Address, int Weight, string? Objection = null)
{
    /// <summary>Its image; null if it has none.</summary>
    internal ReplicaImage? Image { get; init; }

    /// <summary>Its generation; null if it has none.</summary>
    internal int? Generation { get; init; }

    /// <summary>The deploy that has made it; null if none has.</summary>
    internal DeployMark? Mark { get; init; }

    /// <summary>
    /// The driver's id of what can be stopped and started again, and may get another name meanwhile: the id of a container. If a replica cannot be
    /// started again, the same as <see cref="Id"/>.
    /// </summary>
    [AllowNull]
    internal string UnitId { get => field ?? Id; init; }

    /// <summary>Who made it.</summary>
    internal ReplicaOrigin Origin { get; init; } = ReplicaOrigin.Made;

    /// <summary>The name, or the address, that its certificate has to have; null if HTTP is spoken to it without TLS.</summary>
    internal string? TlsName { get; init; }

    /// <summary>Its address for people: with https:// where TLS is spoken to it.</summary>
    internal string ShownAddress => TlsName is null ? Address.ToString() : $"https://{Address}";

    /// <summary>The path of its health checks, if the replica itself says it; null for the path of the options.</summary>
    internal string? HealthPath { get; init; }

    /// <summary>The Host of its health checks, if the replica itself says it; null for the Host of the options.</summary>
    internal string? HealthHost { get; init; }

    /// <summary>How much longer than others it may take to become well, as it says itself.</summary>
    internal TimeSpan StartPeriod { get; init; }
}
