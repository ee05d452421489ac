using System.Net;
using System.Text.Json;

namespace Edge.Drivers;

/// <summary>An answer in which the engine refuses a call.</summary>
internal static class EngineError
{
    private const string NetworkOf = "network ";
    private const string NotFound = " not found";
    private const string ImageOf = "No such image: ";
    private const int IdLength = 64;

    /// <summary>
    /// The engine's message: it answers {"message": "…"}. For the errors that new users meet first, a missing network or image, the command that
    /// makes it is added.
    /// </summary>
    internal static string WordsOf(string? body, HttpStatusCode status)
    {
        string words = MessageOf(body, status);
        return words + RemedyOf(words);
    }

    /// <summary>The message for a missing image.</summary>
    internal static string NoImage(string image) => $"{ImageOf}{image}" + RemedyOf($"{ImageOf}{image}");

    /// <summary>Whether the engine says that it has no such image.</summary>
    internal static bool IsNoImage(string words) => words.StartsWith(ImageOf, StringComparison.Ordinal);

    /// <summary>The message for a missing image of a replica that is to be made again: another image with this name would be something else.</summary>
    internal static string ImageGone(string name, string id) =>
        $"its image {name} ({id}) is not in the engine any more, and it is made again of no other: load that image again, or remove the replica and add one";

    private static string RemedyOf(string words)
    {
        if (words.StartsWith(ImageOf, StringComparison.Ordinal))
        {
            return $": docker pull {words[ImageOf.Length..]} fetches it, docker build makes it; with Edge:Docker:Pull=true the balancer pulls it";
        }

        // If a container's network is gone, the engine names it by its id: to make another network with that name would not help.
        int at = words.LastIndexOf(NetworkOf, StringComparison.Ordinal);
        string network = at >= 0 && words.EndsWith(NotFound, StringComparison.Ordinal) ? words[(at + NetworkOf.Length)..^NotFound.Length] : "";
        return network.Length == 0 || network.Contains(' ', StringComparison.Ordinal) || (network.Length == IdLength && network.All(char.IsAsciiHexDigit))
            ? ""
            : $": docker network create {network} makes it, or Edge:Docker:Network (--network) names another one";
    }

    private static string MessageOf(string? body, HttpStatusCode status)
    {
        try
        {
            using JsonDocument answer = JsonDocument.Parse(body ?? "");
            return answer.RootElement.GetProperty("message").GetString() ?? $"status {(int)status}";
        }
        catch (Exception other) when (other is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            // A program between here and the engine answered.
            return $"status {(int)status}: {body}";
        }
    }
}
