using System.Text.Json.Serialization;

namespace Edge.Control;

/// <summary>Body of /edge/weight.</summary>
/// <param name="Hostnames">Replicas, at least one.</param>
/// <param name="Weight">The weight that each of them gets, 1 to 256.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record WeightBody(IReadOnlyList<string>? Hostnames, int? Weight);
