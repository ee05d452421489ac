using System.Text.Json.Serialization;

namespace Edge.Control;

/// <summary>Body of /edge/drill.</summary>
/// <param name="Replica">The name of a replica in rotation.</param>
/// <param name="Fault">kill or freeze.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record DrillBody(string? Replica, string? Fault);
