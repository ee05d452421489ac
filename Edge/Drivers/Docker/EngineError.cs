using System.Net;
using System.Text.Json;

namespace Edge.Drivers;

/// <summary>An answer by which the engine refuses a call.</summary>
internal static class EngineError
{
    private const string NetworkOf = "network ";
    private const string NotFound = " not found";
    private const string ImageOf = "No such image: ";
    private const int IdLength = 64;

    /// <summary>
    /// What it says: it answers {"message": "…"}. What a new user meets first, a network or an image that is not there, ends with the command that
    /// makes it.
    /// </summary>
    internal static string WordsOf(string? body, HttpStatusCode status)
    {
        string words = MessageOf(body, status);
        return words + RemedyOf(words);
    }

    /// <summary>The engine has no image of this name.</summary>
    internal static string NoImage(string image) => $"{ImageOf}{image}" + RemedyOf($"{ImageOf}{image}");

    /// <summary>Whether the engine says that it has no such image.</summary>
    internal static bool IsNoImage(string words) => words.StartsWith(ImageOf, StringComparison.Ordinal);

    /// <summary>The image of a replica that shall be made again is not there any more: another one of its name would be something else.</summary>
    internal static string ImageGone(string name, string id) =>
        $"its image {name} ({id}) is not in the engine any more, and it is made again of no other: load that image again, or remove the replica and add one";

    private static string RemedyOf(string words)
    {
        if (words.StartsWith(ImageOf, StringComparison.Ordinal))
        {
            return $": docker pull {words[ImageOf.Length..]} fetches it, docker build makes it; with Edge:Docker:Pull=true the balancer pulls it";
        }

        // A network that a container was on, and that is gone, is named by its id: to make another one of that name would help nobody.
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
            // Something between here and the engine answered, in its own way.
            return $"status {(int)status}: {body}";
        }
    }
}
