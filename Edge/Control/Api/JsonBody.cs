using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Edge.Control;

/// <summary>Reads the body of a call.</summary>
internal static class JsonBody
{
    /// <summary>Returns what is wrong with a body; or null, with its content, which is null where the body is the word null.</summary>
    /// <param name="body">As received.</param>
    /// <param name="type">Of the content.</param>
    /// <param name="form">An example of it, for the caller.</param>
    /// <param name="given">The content.</param>
    internal static string? Read<T>(ReadOnlyMemory<byte> body, JsonTypeInfo<T> type, string form, [MaybeNull] out T given)
    {
        try
        {
            given = JsonSerializer.Deserialize(body.Span, type);
            return null;
        }
        catch (JsonException broken)
        {
            given = default;
            return $"the body is no JSON object like {form}: {broken.Message}";
        }
    }
}
