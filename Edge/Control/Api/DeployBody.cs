using System.Text.Json.Serialization;

namespace Edge.Control;

/// <summary>Body of /edge/deploy.</summary>
/// <param name="Image">What new replicas are made of.</param>
/// <param name="Canary">How many percent of the requests the first one gets, 0 to 50; null for what the options say.</param>
/// <param name="Judge">Whether the new version is compared with the old one; null is true.</param>
/// <param name="Wait">Whether the answer comes when the deploy is decided; null is true.</param>
/// <param name="Force">Whether an image is deployed that serves already; null is false.</param>
/// <param name="Pull">Whether the image is pulled though there is one of this name; null is false.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record DeployBody(
    string? Image,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? Canary = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] bool? Judge = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] bool? Wait = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] bool? Force = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] bool? Pull = null);
