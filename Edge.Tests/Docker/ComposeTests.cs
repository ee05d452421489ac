using System.Text.Json;
using Edge.Tests.Backends;

namespace Edge.Tests.Docker;

/// <summary>The walk through docker-compose.yml that README.md describes.</summary>
[Collection(nameof(WithDocker))]
public class ComposeTests(Engine engine)
{
    [Fact]
    public async Task The_walk_through_of_the_README()
    {
        // Only on the tests' own engine: the names in the file are fixed, and may be in use elsewhere.
        PrivateEngine own = engine.Own();
        DockerCli docker = engine.Docker;
        string image = await engine.BuildReleaseAsync();
        var project = new ReadmeProject(own, image);
        try
        {
            await project.ComposeAsync("up", "--detach", "--no-build");
            await Quiet.UntilAsync(async () => (await project.TryRepAsync()).Length == 3, "/rep has three replicas", TimeSpan.FromSeconds(60));
            Assert.Equal(["server_1", "server_2", "server_3"], await project.TryRepAsync());
            await project.RotationAsync(3);

            Dictionary<string, int> shares = await project.CountAsync(9_000);
            TestContext.Current.TestOutputHelper!.WriteLine(string.Join(", ", shares.OrderBy(s => s.Key)));
            Assert.Equal(3, shares.Count);
            Assert.All(shares.Values, n => Assert.InRange(n, 2_000, 4_000));

            // No token is given here: the command finds it in its container.
            await project.EdgeAsync("add", "-n", "2");
            Assert.Equal(["server_1", "server_2", "server_3", "server_4", "server_5"], await project.TryRepAsync());
            Assert.Equal(image, (await docker.InspectAsync("server_5")).GetProperty("Config").GetProperty("Image").GetString());
            Assert.Equal(5, (await project.CountAsync(1_000)).Count);

            await project.EdgeAsync("rm", "server_2");
            Assert.DoesNotContain("server_2", await project.TryRepAsync());
            await HappenAsync(docker, project.StateAsync);
            await project.EdgeAsync("rm");
            Assert.Equal(2, (await project.TryRepAsync()).Length);
            Assert.Equal(await project.TryRepAsync(), (await project.CountAsync(100)).Keys.Order());

            // The end has to find one that only the balancer knows of. Which labels Compose 2 looks for, the version here cannot show.
            string[] before = await project.TryRepAsync();
            await project.EdgeAsync("add", "-n", "1");
            string added = Assert.Single((await project.TryRepAsync()).Except(before));
            JsonElement labels = (await docker.InspectAsync(added)).GetProperty("Config").GetProperty("Labels");
            Assert.Equal("edge_replica", labels.GetProperty("com.docker.compose.service").GetString());
            Assert.All(["project", "service", "oneoff", "container-number", "config-hash"],
                label => Assert.NotEqual("", labels.GetProperty($"com.docker.compose.{label}").GetString()));
        }
        finally
        {
            await project.ComposeAsync("down", "--remove-orphans");
        }

        Assert.Empty(await docker.LinesAsync("ps", "--all", "--quiet"));
        Assert.Empty(await docker.LinesAsync("network", "ls", "--quiet", "--filter", "name=load_balancer_network"));
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
}
