using System.Net;

namespace Edge.Drivers;

/// <summary>A container as far as the driver looks at it.</summary>
/// <param name="Id">64 hexadecimal digits.</param>
/// <param name="Name">Without the slash.</param>
/// <param name="State">Whether it runs.</param>
/// <param name="Labels">Its labels.</param>
/// <param name="IsOnNetwork">Whether it belongs to the fleet's network; a stopped one does without an address.</param>
/// <param name="Address">On the fleet's network; null where it has none.</param>
/// <param name="Health">starting, healthy or unhealthy; null where its image has no HEALTHCHECK.</param>
/// <param name="Ended">How a stopped one ended, for a reader.</param>
/// <param name="ExitCode">Of a stopped one; null where it was not looked at.</param>
/// <param name="OutOfMemory">Whether a stopped one was killed for the memory that it used.</param>
/// <param name="Image">What it is made of, as the engine names it; null where that is not known.</param>
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
    /// <summary>Which image it is made of; null where that is not known.</summary>
    internal string? ImageId { get; init; }

    /// <summary>All networks that it belongs to, by name.</summary>
    internal IReadOnlyList<string> Networks { get; init; } = [];

    /// <summary>A state as the engine names it.</summary>
    internal static ContainerState StateOf(string state) => state switch
    {
        "running" => ContainerState.Running,
        "paused" => ContainerState.Paused,
        "restarting" => ContainerState.Restarting,
        _ => ContainerState.Stopped,
    };

    /// <summary>A list of older engines has the health only in the text for people: Up 3 minutes (healthy).</summary>
    internal static string? HealthOf(string status) =>
        status.EndsWith("(healthy)", StringComparison.Ordinal) ? "healthy"
        : status.EndsWith("(unhealthy)", StringComparison.Ordinal) ? "unhealthy"
        : status.EndsWith("(health: starting)", StringComparison.Ordinal) ? "starting" : null;
}
