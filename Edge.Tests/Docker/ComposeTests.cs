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
            await ComposeAsync("exec", "-T", "load_balancer", "edge", "rm", "-n", "2");
            Assert.Equal(2, (await TryRepAsync()).Length);
            Assert.Equal(await TryRepAsync(), (await CountAsync(100)).Keys.Order());

            // One that Compose made is started again when it is killed, and let go of when it is removed.
            string one = (await TryRepAsync())[0];
            string since = await StartedAsync(one);
            await docker.RunAsync("kill", one);
            await Quiet.UntilAsync(async () => await StartedAsync(one) != since, "it is started again", TimeSpan.FromSeconds(20));
            await RotationAsync(2);
            await docker.RunAsync("rm", "--force", one);
            await Quiet.UntilAsync(async () => !(await TryRepAsync()).Contains(one), "it is let go of", TimeSpan.FromSeconds(20));
            await RotationAsync(1);

            // The end has to find one that only the balancer knows of. Which labels Compose 2 looks for, the version here cannot show.
            string[] before = await TryRepAsync();
            await ComposeAsync("exec", "-T", "load_balancer", "edge", "add", "-n", "1");
            string added = Assert.Single((await TryRepAsync()).Except(before));
            JsonElement labels = (await docker.InspectAsync(added)).GetProperty("Config").GetProperty("Labels");
            Assert.Equal("edge_replica", labels.GetProperty("com.docker.compose.service").GetString());
            Assert.All(["project", "service", "oneoff", "container-number", "config-hash"], label => Assert.NotEqual("", labels.GetProperty($"com.docker.compose.{label}").GetString()));
        }
        finally
        {
            await ComposeAsync("down", "--remove-orphans");
        }

        Assert.Empty(await docker.LinesAsync("ps", "--all", "--quiet"));
        Assert.Empty(await docker.LinesAsync("network", "ls", "--quiet", "--filter", "name=load_balancer_network"));

        Task<string> ComposeAsync(params string[] arguments) => Command.RunAsync(
            "docker-compose", ["--project-name", "edge-test", "--file", Path.Combine(Repository.Root, "docker-compose.yml"), .. arguments], environment);

        async Task<string> StartedAsync(string name) => (await docker.InspectAsync(name)).GetProperty("State").GetProperty("StartedAt").GetString()!;

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

        async Task RotationAsync(int count) => await Quiet.UntilAsync(
            async () => JsonDocument.Parse(await ComposeAsync("exec", "-T", "load_balancer", "edge", "status", "--json")).RootElement
                .GetProperty("message").GetProperty("replicas").EnumerateArray().Count(r => r.GetProperty("state").GetString() == "healthy") == count,
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
