using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Edge.Tests.Backends;

namespace Edge.Tests.Docker;

/// <summary>The walk through docker-compose.yml that README.md describes.</summary>
[Collection(nameof(WithDocker))]
public class ComposeTests(Engine engine)
{
    private const string Token = "a-token-of-this-test";

    [Fact]
    public async Task The_walk_through_of_the_README()
    {
        // Its names are the same for everybody: not on an engine that is somebody's.
        PrivateEngine own = engine.Own();
        DockerCli docker = engine.Docker;
        string image = await engine.BuildReleaseAsync();
        int port = FreePort();
        var environment = new Dictionary<string, string>
        {
            ["DOCKER_HOST"] = own.Host,
            ["DOCKER_SOCK_DIR"] = Path.GetDirectoryName(own.Host["unix://".Length..])!,
            ["EDGE_IMAGE"] = image,
            ["EDGE_PORT"] = $"{port}",
            ["EDGE_TOKEN"] = Token,
        };
        try
        {
            await ComposeAsync("up", "--detach", "--no-build");
            await Quiet.UntilAsync(async () => (await TryRepAsync()).Length == 3, "/rep has three replicas", TimeSpan.FromSeconds(60));
            Assert.Equal(["server_1", "server_2", "server_3"], await TryRepAsync());
            await RotationAsync(3);

            Dictionary<string, int> shares = await CountAsync(9_000);
            TestContext.Current.TestOutputHelper!.WriteLine(string.Join(", ", shares.OrderBy(s => s.Key)));
            Assert.Equal(3, shares.Count);
            Assert.All(shares.Values, n => Assert.InRange(n, 2_000, 4_000));

            // No token is given here: the command finds it in its container.
            await ComposeAsync("exec", "-T", "load_balancer", "edge", "add", "-n", "2");
            Assert.Equal(["server_1", "server_2", "server_3", "server_4", "server_5"], await TryRepAsync());
            Assert.Equal(image, (await docker.InspectAsync("server_5")).GetProperty("Config").GetProperty("Image").GetString());
            Assert.Equal(5, (await CountAsync(1_000)).Count);

            await ComposeAsync("exec", "-T", "load_balancer", "edge", "rm", "server_2");
            Assert.DoesNotContain("server_2", await TryRepAsync());
            await HappenAsync(docker, StateAsync);
            await ComposeAsync("exec", "-T", "load_balancer", "edge", "rm");
            Assert.Equal(2, (await TryRepAsync()).Length);
            Assert.Equal(await TryRepAsync(), (await CountAsync(100)).Keys.Order());

            // The end has to find one that only the balancer knows of. Which labels Compose 2 looks for, the version here cannot show.
            string[] before = await TryRepAsync();
            await ComposeAsync("exec", "-T", "load_balancer", "edge", "add", "-n", "1");
            string added = Assert.Single((await TryRepAsync()).Except(before));
            JsonElement labels = (await docker.InspectAsync(added)).GetProperty("Config").GetProperty("Labels");
            Assert.Equal("edge_replica", labels.GetProperty("com.docker.compose.service").GetString());
            Assert.All(["project", "service", "oneoff", "container-number", "config-hash"],
                label => Assert.NotEqual("", labels.GetProperty($"com.docker.compose.{label}").GetString()));
        }
        finally
        {
            await ComposeAsync("down", "--remove-orphans");
        }

        Assert.Empty(await docker.LinesAsync("ps", "--all", "--quiet"));
        Assert.Empty(await docker.LinesAsync("network", "ls", "--quiet", "--filter", "name=load_balancer_network"));

        Task<string> ComposeAsync(params string[] arguments) => Command.RunAsync(
            "docker-compose", ["--project-name", "edge-test", "--file", Path.Combine(Repository.Root, "docker-compose.yml"), .. arguments], environment);

        async Task<string[]> TryRepAsync()
        {
            using Wire? client = await TryConnectAsync(port);
            if (client is null)
            {
                return [];
            }

            await client.SendAsync($"GET /rep HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer {Token}\r\nConnection: close\r\n\r\n");
            Message? answer = await TryReadAsync(client);
            return answer is null ? [] : DockerEdge.Names(answer);
        }

        async Task<JsonElement[]> StatusAsync() =>
            [.. JsonDocument.Parse(await ComposeAsync("exec", "-T", "load_balancer", "edge", "status", "--json")).RootElement
                .GetProperty("message").GetProperty("replicas").EnumerateArray()];

        async Task<(string? State, int Restarts)> StateAsync(string name) =>
            (await StatusAsync()).Where(r => r.GetProperty("name").GetString() == name)
                .Select(r => (r.GetProperty("state").GetString(), r.GetProperty("restarts").GetInt32())).SingleOrDefault();

        Task RotationAsync(int count) => Quiet.UntilAsync(
            async () => (await StatusAsync()).Count(r => r.GetProperty("state").GetString() == "healthy") == count,
            $"{count} are in rotation",
            TimeSpan.FromSeconds(60));

        async Task<Dictionary<string, int>> CountAsync(int requests)
        {
            const int Connections = 10;
            var shares = new Dictionary<string, int>();
            await Task.WhenAll(Enumerable.Range(0, Connections).Select(async c =>
            {
                using Wire client = await Wire.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port));
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
    }

    /// <summary>What the README says of containers that are killed, stopped and removed, of which server_1 and server_3 are Compose's.</summary>
    /// <param name="docker">What a person does it with.</param>
    /// <param name="find">A replica's state and how often it was started again; null for one that the balancer does not know.</param>
    private static async Task HappenAsync(DockerCli docker, Func<string, Task<(string? State, int Restarts)>> find)
    {
        string killed = await IdAsync("server_3");
        await docker.RunAsync("kill", "server_3");
        await BecomesAsync("server_3", async () => await find("server_3") == ("healthy", 1));
        Assert.Equal(killed, await IdAsync("server_3"));

        await docker.RunAsync("stop", "server_3");
        await BecomesAsync("server_3", async () => await find("server_3") is { State: "stopped" });
        await docker.RunAsync("start", "server_3");
        await BecomesAsync("server_3", async () => await find("server_3") is { State: "healthy" });

        // Later in order than what is let go of: once it is there again, the other one would be, too.
        string made = await IdAsync("server_4");
        await docker.RunAsync("rm", "--force", "server_1");
        await docker.RunAsync("rm", "--force", "server_4");
        await BecomesAsync(
            "server_4", async () => await IdAsync("server_4") is { Length: > 0 } id && id != made && await find("server_4") is { State: "healthy" });
        await BecomesAsync("server_1", async () => await find("server_1") is { State: null });
        Assert.Equal("", await IdAsync("server_1"));

        Task BecomesAsync(string name, Func<Task<bool>> state) => Quiet.UntilAsync(state, $"{name} is what the README says", TimeSpan.FromSeconds(60));

        // Empty where there is none of that name.
        Task<string> IdAsync(string name) => docker.RunAsync("ps", "--all", "--quiet", "--no-trunc", "--filter", $"name=^{name}$");
    }

    private static int FreePort()
    {
        using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        probe.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)probe.LocalEndPoint!).Port;
    }

    private static async Task<Wire?> TryConnectAsync(int port)
    {
        try
        {
            return await Wire.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port));
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
