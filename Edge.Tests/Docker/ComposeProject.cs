using System.Net;
using System.Text.Json;
using Edge.Tests.Backends;
using Edge.Tests.Native;

namespace Edge.Tests.Docker;

/// <summary>
/// A Compose project as a user has one: three of an application behind the balancer, its database on a second network, its data in a named
/// volume. Of the balancer it knows three lines of labels at most. Everything is gone at the end.
/// </summary>
internal sealed class ComposeProject : IAsyncDisposable
{
    private readonly Engine _engine;
    private readonly string _folder = Directory.CreateTempSubdirectory("edge-test-compose-").FullName;
    private readonly string _compose;
    private NativeEdge? _native;

    private ComposeProject(Engine engine, string compose, string name) => (_engine, _compose, Name) = (engine, compose, name);

    /// <summary>Of the project, of the fleet, and before those of its networks and volumes.</summary>
    internal string Name { get; }

    /// <summary>The network on which the balancer reaches the application.</summary>
    internal string Network => $"{Name}_default";

    /// <summary>Where clients come in.</summary>
    internal IPEndPoint Endpoint { get; private set; } = new(IPAddress.None, 0);

    /// <summary>What the balancer has printed, on the host or in the project.</summary>
    internal async Task<string> OutputAsync()
    {
        if (_native is not null)
        {
            return _native.Output;
        }

        string[] balancers = await BalancersAsync();
        if (balancers.Length == 0)
        {
            return "";
        }

        (_, string output, string errors) = await Command.TryAsync(
            "docker", ["logs", balancers[0]], new Dictionary<string, string> { ["DOCKER_HOST"] = _engine.Docker.Host });
        return output + errors;
    }

    private Task<string[]> BalancersAsync() =>
        _engine.Docker.LinesAsync(
            "ps", "--all", "--quiet", "--filter", $"label=com.docker.compose.project={Name}", "--filter", "label=com.docker.compose.service=balancer");

    /// <summary>Compose's version 1.29, or the 2.26 that scripts/newer-docker.sh unpacks.</summary>
    internal static string Version(int major)
    {
        if (major == 1)
        {
            return "docker-compose";
        }

        string? folder = Environment.GetEnvironmentVariable("EDGE_DOCKER26");
        Assert.False(
            folder is null && Environment.GetEnvironmentVariable("EDGE_REQUIRE_DOCKER") == "1",
            "EDGE_REQUIRE_DOCKER=1, but EDGE_DOCKER26 does not name a folder with Compose 2.");
        Assert.SkipWhen(folder is null, "EDGE_DOCKER26 does not name a folder with Compose 2; scripts/newer-docker.sh makes one.");
        return Path.Combine(folder!, "usr/libexec/docker/cli-plugins/docker-compose");
    }

    /// <summary>As the other, of a project whose containers are recreated.</summary>
    internal static string RecreatingVersion(int major)
    {
        // It asks for a field of an image that engines from 25 on do not have: KeyError: 'ContainerConfig', with a balancer and without.
        Assert.SkipWhen(major == 1 && PrivateEngine.IsNewer, "Compose 1.29 can recreate no container on the newer engine.");
        return Version(major);
    }

    /// <summary>The project with so many of the application's first version in rotation.</summary>
    /// <param name="engine">Of the tests.</param>
    /// <param name="major">Of Compose.</param>
    /// <param name="isInside">Whether the balancer is a service of the project; else it runs on the host.</param>
    /// <param name="replicas">How many of the application.</param>
    internal static async Task<ComposeProject> UpAsync(Engine engine, int major, bool isInside, int replicas)
    {
        string compose = RecreatingVersion(major);
        PrivateEngine own = engine.Own();
        var project = new ComposeProject(engine, compose, $"edgetest{Environment.ProcessId}x{Random.Shared.Next(100_000)}");
        try
        {
            await project.WriteAsync(isInside ? await engine.BuildReleaseAsync() : null, own);
            await project.RunAsync(Engine.App, "up", "--detach", "--scale", $"web={replicas}");
            if (isInside)
            {
                string balancer = (await project.BalancersAsync())[0];
                JsonElement networks = (await engine.Docker.InspectAsync(balancer)).GetProperty("NetworkSettings").GetProperty("Networks");
                string address = networks.GetProperty(project.Network).GetProperty("IPAddress").GetString()!;
                project.Endpoint = new IPEndPoint(IPAddress.Parse(address), 5000);
            }
            else
            {
                project._native = await NativeEdge.StartAsync(
                    ("DOCKER_HOST", engine.Docker.Host), ("Fleet:Name", project.Name), ("Docker:Network", project.Network), ("Health:Path", "/healthz"));
                project.Endpoint = project._native.Endpoint;
            }

            await project.InRotationAsync(replicas);
            return project;
        }
        catch
        {
            await project.DisposeAsync();
            throw;
        }
    }

    /// <summary>Compose with these arguments and an image for the application. Throws with its words where it ends with anything but 0.</summary>
    internal async Task<string> RunAsync(string image, params string[] arguments)
    {
        (int exitCode, string output, string errors) = await Command.TryAsync(
            _compose,
            ["--project-name", Name, "--file", Path.Combine(_folder, "docker-compose.yml"), .. arguments],
            new Dictionary<string, string> { ["DOCKER_HOST"] = _engine.Docker.Host, ["IMG"] = image });
        return exitCode == 0 ? output : throw new InvalidOperationException(
            $"compose {string.Join(' ', arguments)} ended with {exitCode}: {errors}{output}\n{await OutputAsync()}");
    }

    /// <summary>Compose's containers of the application, running or not: each with its image and whether it runs, in order of their names.</summary>
    internal async Task<string[]> WebAsync() =>
        [.. (await _engine.Docker.LinesAsync(
            "ps", "--all", "--filter", $"label=com.docker.compose.project={Name}", "--filter", "label=com.docker.compose.service=web",
            "--format", "{{.Image}} {{.State}}")).Order()];

    /// <summary>Returns when these are the states of the replicas.</summary>
    internal Task StatesAreAsync(params string[] states) =>
        Quiet.UntilAsync(async () => (await StatesAsync()).SequenceEqual(states), $"they are {string.Join(", ", states)}", TimeSpan.FromSeconds(60));

    /// <summary>Returns when so many replicas, and no other, are in rotation.</summary>
    internal async Task InRotationAsync(int count)
    {
        try
        {
            await Quiet.UntilAsync(async () => (await StatesAsync()).Count(s => s == "healthy") == count, $"{count} are in rotation", TimeSpan.FromSeconds(60));
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw new InvalidOperationException($"{e.Message}\n{await OutputAsync()}", e);
        }
    }

    /// <summary>A hundred requests a second, on ten connections.</summary>
    internal SteadyLoad Load() => new(Endpoint, "/", [], 10, TimeSpan.FromMilliseconds(95));

    public async ValueTask DisposeAsync()
    {
        try
        {
            if (_native is not null)
            {
                await _native.DisposeAsync();
            }
        }
        finally
        {
            await DownAsync();
            Directory.Delete(_folder, recursive: true);
        }
    }

    // A network that cannot be removed has an endpoint whose container no command of Compose lists: whose it is tells the engine.
    private async Task DownAsync()
    {
        try
        {
            await RunAsync(Engine.App, "down", "--volumes", "--remove-orphans");
        }
        catch (InvalidOperationException failed)
        {
            string[] networks = await _engine.Docker.LinesAsync("network", "ls", "--quiet", "--filter", $"name={Name}_");
            string[] left = [
                .. await _engine.Docker.LinesAsync(["network", "inspect", .. networks]),
                .. await _engine.Docker.LinesAsync("ps", "--all", "--no-trunc"),
                .. await _engine.Docker.LinesAsync("events", "--since", "60s", "--until", "0s")];
            throw new InvalidOperationException($"{failed.Message}\nwhat is left:\n{string.Join('\n', left)}", failed);
        }
    }

    /// <summary>The replicas' states, as the balancer tells them.</summary>
    internal async Task<string[]> StatesAsync() => [.. (await ReplicasAsync()).Select(r => r.GetProperty("state").GetString()!)];

    /// <summary>The state of one; null where the balancer knows none of that name.</summary>
    internal async Task<string?> StateAsync(string name) =>
        (await ReplicasAsync()).Where(r => r.GetProperty("name").GetString() == name).Select(r => r.GetProperty("state").GetString()).SingleOrDefault();

    private async Task<JsonElement[]> ReplicasAsync()
    {
        using Wire client = await Wire.ConnectAsync(Endpoint);
        await client.SendAsync($"GET /edge/status HTTP/1.1\r\nHost: {Endpoint}\r\nAuthorization: Bearer {Token}\r\nConnection: close\r\n\r\n");
        Message answer = await client.ReadMessageAsync();
        Assert.True(answer.Status == 200, answer.Head + answer.Text);
        return [.. JsonDocument.Parse(answer.Text).RootElement.GetProperty("message").GetProperty("replicas").EnumerateArray()];
    }

    private const string Token = "a-token-of-this-test";

    private Task WriteAsync(string? balancerImage, PrivateEngine own)
    {
        string balancer = balancerImage is null ? "" : $"""
              balancer:
                image: {balancerImage}
                user: "0:0"
                environment:
                  EDGE__CONTROL__TOKEN: {Token}
                  EDGE__FLEET__NAME: {Name}
                  EDGE__DOCKER__NETWORK: {Network}
                  EDGE__HEALTH__PATH: /healthz
                volumes: ["{own.Host["unix://".Length..]}:/var/run/docker.sock"]

            """;
        return File.WriteAllTextAsync(Path.Combine(_folder, "docker-compose.yml"), $$"""
            version: "3.7"
            services:
              web:
                image: ${IMG}
                environment:
                  DB: db:5432
                  DATA: /data
                volumes: ["data:/data"]
                networks: [default, back]
                labels:
                  edge.fleet: {{Name}}
              db:
                image: {{Engine.App}}
                command: ["db"]
                networks: [back]
            {{balancer}}
            networks:
              back: {}
            volumes:
              data: {}

            """);
    }
}
