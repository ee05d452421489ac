using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Edge.Tests.Backends;

namespace Edge.Tests.Docker;

/// <summary>The project of docker-compose.yml, as README.md starts it, on an engine of the tests' own.</summary>
internal sealed class ReadmeProject
{
    private const string Token = "a-token-of-this-test";

    private readonly int _port = FreePort();
    private readonly Dictionary<string, string> _environment;

    /// <param name="engine">Where its containers run.</param>
    /// <param name="image">Of the balancer.</param>
    internal ReadmeProject(PrivateEngine engine, string image) => _environment = new Dictionary<string, string>
    {
        ["DOCKER_HOST"] = engine.Host,
        ["DOCKER_SOCK_DIR"] = Path.GetDirectoryName(engine.Host["unix://".Length..])!,
        ["EDGE_IMAGE"] = image,
        ["EDGE_PORT"] = $"{_port}",
        ["EDGE_TOKEN"] = Token,
    };

    /// <returns>What docker-compose wrote.</returns>
    internal Task<string> ComposeAsync(params string[] arguments) => Command.RunAsync(
        "docker-compose", ["--project-name", "edge-test", "--file", Path.Combine(Repository.Root, "docker-compose.yml"), .. arguments], _environment);

    /// <summary>Runs the command <c>edge</c> in the balancer's container.</summary>
    /// <returns>What it wrote.</returns>
    internal Task<string> EdgeAsync(params string[] arguments) => ComposeAsync(["exec", "-T", "load_balancer", "edge", .. arguments]);

    /// <returns>The names that /rep has; none if the balancer does not answer yet.</returns>
    internal async Task<string[]> TryRepAsync()
    {
        using Wire? client = await TryConnectAsync();
        if (client is null)
        {
            return [];
        }

        await client.SendAsync($"GET /rep HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer {Token}\r\nConnection: close\r\n\r\n");
        Message? answer = await TryReadAsync(client);
        return answer is null ? [] : DockerEdge.Names(answer);
    }

    /// <returns>A replica's state, and how often it was started again; null for one that the balancer does not know.</returns>
    internal async Task<(string? State, int Restarts)> StateAsync(string name) =>
        (await StatusAsync()).Where(r => r.GetProperty("name").GetString() == name)
            .Select(r => (r.GetProperty("state").GetString(), r.GetProperty("restarts").GetInt32())).SingleOrDefault();

    /// <summary>Waits until so many replicas are in rotation.</summary>
    internal Task RotationAsync(int count) => Quiet.UntilAsync(
        async () => (await StatusAsync()).Count(r => r.GetProperty("state").GetString() == "healthy") == count,
        $"{count} are in rotation",
        TimeSpan.FromSeconds(60));

    /// <summary>Sends requests over ten connections.</summary>
    /// <returns>How many each replica answered.</returns>
    internal async Task<Dictionary<string, int>> CountAsync(int requests)
    {
        const int Connections = 10;
        var shares = new Dictionary<string, int>();
        await Task.WhenAll(Enumerable.Range(0, Connections).Select(async c =>
        {
            using Wire client = await Wire.ConnectAsync(new IPEndPoint(IPAddress.Loopback, _port));
            for (int i = c; i < requests; i += Connections)
            {
                await client.SendAsync("GET /home HTTP/1.1\r\nHost: h\r\n\r\n");
                Message answer = await client.ReadMessageAsync();
                Assert.True(answer.Status == 200, answer.Head + answer.Text);
                lock (shares)
                {
                    shares[answer.Field("X-Edge-Replica")!] = shares.GetValueOrDefault(answer.Field("X-Edge-Replica")!) + 1;
                }
            }
        }));
        return shares;
    }

    private async Task<JsonElement[]> StatusAsync() =>
        [.. JsonDocument.Parse(await EdgeAsync("status", "--json")).RootElement.GetProperty("message").GetProperty("replicas").EnumerateArray()];

    private static int FreePort()
    {
        using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        probe.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)probe.LocalEndPoint!).Port;
    }

    private async Task<Wire?> TryConnectAsync()
    {
        try
        {
            return await Wire.ConnectAsync(new IPEndPoint(IPAddress.Loopback, _port));
        }
        catch (SocketException)
        {
            // The port is not published yet.
            return null;
        }
    }

    private static async Task<Message?> TryReadAsync(Wire client)
    {
        try
        {
            return await client.ReadMessageAsync();
        }
        catch (Exception gone) when (gone is SocketException or IOException)
        {
            // The port is published, and nobody listens behind it yet.
            return null;
        }
    }
}
