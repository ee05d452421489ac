using System.Net;
using Edge.Fleet;

namespace Edge.Drivers;

/// <summary>Whether a container's processes run.</summary>
internal enum ContainerState
{
    /// <summary>They run.</summary>
    Running,

    /// <summary>They are there, and get no processor time.</summary>
    Paused,

    /// <summary>There are none, and the engine is about to start them again, by the container's own restart policy.</summary>
    Restarting,

    /// <summary>There are none.</summary>
    Stopped,
}

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

/// <summary>What of a container never changes, and the engine's lists do not say.</summary>
/// <param name="StopSignal">What it is asked to end by: a name, or empty for SIGTERM.</param>
/// <param name="StopTimeout">How long the engine waits for that; null where the container does not say.</param>
/// <param name="ExposedPorts">The TCP ports that its image and it name as theirs.</param>
/// <param name="StartPeriod">For how long its HEALTHCHECK may fail at first.</param>
/// <param name="Created">When it was made.</param>
internal sealed record ContainerTraits(string StopSignal, TimeSpan? StopTimeout, IReadOnlyList<int> ExposedPorts, TimeSpan StartPeriod, DateTimeOffset Created)
{
    internal static readonly ContainerTraits None = new("", null, [], TimeSpan.Zero, default);
}

/// <summary>What a container is to the fleet.</summary>
internal abstract record Sighting
{
    /// <summary>Nothing.</summary>
    internal sealed record Foreign : Sighting;

    /// <summary>It looks like a replica, and is not taken for one.</summary>
    /// <param name="Why">The reason, and what to change.</param>
    internal sealed record Ignored(string Why) : Sighting;

    /// <summary>It is the fleet's, and takes no requests now.</summary>
    internal sealed record Ended(ReplicaOrigin Origin) : Sighting;

    /// <summary>It takes requests.</summary>
    internal sealed record Running(ObservedReplica Replica) : Sighting;
}

/// <summary>One event of the engine.</summary>
/// <param name="Type">container or network.</param>
/// <param name="Action">die, start, kill …; of a health check with its result behind a colon.</param>
/// <param name="ContainerId">Of the container that it is about.</param>
/// <param name="Attributes">exitCode, signal, name …, as the engine gives them.</param>
internal sealed record ContainerEvent(
    string Type,
    string Action,
    string ContainerId,
    IReadOnlyDictionary<string, string> Attributes)
{
    internal string Attribute(string name) => Attributes.GetValueOrDefault(name, "");
}
