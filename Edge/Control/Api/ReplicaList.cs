using System.Text.Json.Serialization;

namespace Edge.Control;

/// <summary>The replicas that run now.</summary>
internal sealed record ReplicaList(
    [property: JsonPropertyName("N")] int N,
    [property: JsonPropertyName("replicas")] IReadOnlyList<string> Replicas);
