using System.Text.Json.Serialization;

namespace Edge.Control;

/// <summary>The shape of every answer.</summary>
internal sealed record Envelope<T>(
    [property: JsonPropertyName("message")] T Message,
    [property: JsonPropertyName("status")] string Status)
{
    internal const string Successful = "successful";
    internal const string Failure = "failure";
}
