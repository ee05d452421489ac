using System.Net;

namespace Edge.Drivers;

/// <summary>The facts about a container that the driver needs.</summary>
/// <param name="Id">64 hexadecimal digits.</param>
/// <param name="Name">Without the slash.</param>
/// <param name="State">Whether it runs.</param>
/// <param name="Labels">Its labels.</param>
/// <param name="IsOnNetwork">Whether it belongs to the fleet's network. A stopped container does, without an address.</param>
/// <param name="Address">On the fleet's network; null if it has none.</param>
/// <param name="Health">starting, healthy or unhealthy; null if its image has no HEALTHCHECK.</param>
/// <param name="Ended">How a stopped container ended, for people.</param>
/// <param name="ExitCode">Of a stopped container; null if it was not inspected.</param>
/// <param name="OutOfMemory">Whether a stopped container was killed because of the memory that it used.</param>
/// <param name="Image">The image, as the engine names it; null if that is not known.</param>
internal sealed record ContainerFacts(
    string Id,
    string Name,
    ContainerState State,
    IReadOnlyDictionary<string, string> Labels,
    bool IsOnNetwork,
    IPAddress? Address,
    string? Health,
    string Ended,
    int? ExitCode = null,
    bool OutOfMemory = false,
    string? Image = null)
{
    /// <summary>The id of its image; null if it is not known.</summary>
    internal string? ImageId { get; init; }

    /// <summary>When it was made.</summary>
    internal DateTimeOffset Created { get; init; }

    /// <summary>All networks that it belongs to, by name.</summary>
    internal IReadOnlyList<string> Networks { get; init; } = [];

    /// <summary>A time as the client library reads it: without its zone, which is UTC.</summary>
    internal static DateTimeOffset MomentOf(DateTime utc) => new(DateTime.SpecifyKind(utc, DateTimeKind.Utc));

    /// <summary>A state as the engine names it.</summary>
    internal static ContainerState StateOf(string state) => state switch
    {
        "running" => ContainerState.Running,
        "paused" => ContainerState.Paused,
        "restarting" => ContainerState.Restarting,
        _ => ContainerState.Stopped,
    };

    /// <summary>Reads the health from the text for people, because lists of older engines have it only there: Up 3 minutes (healthy).</summary>
    internal static string? HealthOf(string status) =>
        status.EndsWith("(healthy)", StringComparison.Ordinal) ? "healthy"
        : status.EndsWith("(unhealthy)", StringComparison.Ordinal) ? "unhealthy"
        : status.EndsWith("(health: starting)", StringComparison.Ordinal) ? "starting" : null;
}
