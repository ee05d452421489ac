using System.Text.Json.Serialization;

namespace Edge.Control;

/// <summary>The body of /add and /rm as the client verbs send it. A received body is read by hand, for better messages.</summary>
internal sealed record ChangeBody(
    [property: JsonPropertyName("n")] int N,
    [property: JsonPropertyName("hostnames")] IReadOnlyList<string> Hostnames,
    [property: JsonPropertyName("weight"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? Weight);
