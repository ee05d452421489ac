using System.Text.Json.Serialization;

namespace Edge.Control;

/// <summary>Body of /add and /rm, as the client verbs send it; what arrives is read by hand, for the messages.</summary>
internal sealed record ChangeBody(
    [property: JsonPropertyName("n")] int N,
    [property: JsonPropertyName("hostnames")] IReadOnlyList<string> Hostnames,
    [property: JsonPropertyName("weight"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? Weight);
