using System.Text.Json;

namespace Edge.Tests.Docker;

/// <summary>
/// The docker command against one engine. What a person does in these tests, and what the tests check, goes this way:
/// never through the library that the balancer uses.
/// </summary>
/// <param name="host">As in DOCKER_HOST.</param>
internal sealed class DockerCli(string host)
{
    // The client's own builder is a plugin that is often missing, and an image made of one file needs none of it.
    private readonly Dictionary<string, string> _environment = new() { ["DOCKER_HOST"] = host, ["DOCKER_BUILDKIT"] = "0" };

    internal string Host => host;

    /// <summary>What the command printed. Throws with the engine's own words where it fails.</summary>
    internal Task<string> RunAsync(params string[] arguments) => Command.RunAsync("docker", arguments, _environment);

    internal async Task<string[]> LinesAsync(params string[] arguments) =>
        (await RunAsync(arguments)).Split('\n', StringSplitOptions.RemoveEmptyEntries);

    internal async Task<JsonElement> InspectAsync(string container) =>
        JsonDocument.Parse(await RunAsync("inspect", "--type", "container", container)).RootElement[0];

    /// <summary>Whether an engine answers there, and otherwise why not.</summary>
    internal async Task<(bool Answers, string Why)> PingAsync()
    {
        (int exitCode, _, string errors) = await Command.TryAsync("docker", ["version", "--format", "{{.Server.Version}}"], _environment);
        return (exitCode == 0, errors.Trim());
    }
}
