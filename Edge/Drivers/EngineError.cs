using System.Net;
using System.Text.Json;

namespace Edge.Drivers;

/// <summary>An answer by which the engine refuses a call.</summary>
internal static class EngineError
{
    /// <summary>What it says: it answers {"message": "…"}.</summary>
    internal static string WordsOf(string? body, HttpStatusCode status)
    {
        try
        {
            using JsonDocument answer = JsonDocument.Parse(body ?? "");
            return answer.RootElement.GetProperty("message").GetString() ?? $"status {(int)status}";
        }
        catch (Exception other) when (other is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            // Something between here and the engine answered, in its own way.
            return $"status {(int)status}: {body}";
        }
    }
}
