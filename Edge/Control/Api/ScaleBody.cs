using System.Text.Json.Serialization;

namespace Edge.Control;

/// <summary>Body of /edge/scale.</summary>
/// <param name="Minimum">So many replicas there are in any case; absent for as many as before.</param>
/// <param name="Maximum">So many there are at most; 0 for a fixed size; absent for as many as before.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record ScaleBody(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? Minimum,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? Maximum);
