using System.Text.Json.Serialization;

namespace Edge.Control;

/// <summary>The answer to a removal: the usual envelope, and how the replicas left.</summary>
internal sealed record RemovalEnvelope(
    [property: JsonPropertyName("message")] ReplicaList Message,
    [property: JsonPropertyName("status")] string Status,
    [property: JsonPropertyName("drained")] IReadOnlyList<DrainReceiptReport> Drained);
