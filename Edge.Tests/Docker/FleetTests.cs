using System.Text.Json;
using Edge.Tests.Backends;

namespace Edge.Tests.Docker;

[Collection(nameof(WithDocker))]
public class FleetTests(Engine engine)
{
    private const int Loops = 2;

    [Fact]
    public async Task Three_containers_are_started_and_share_the_requests_equally()
    {
        await using TestFleet fleet = await engine.NewFleetAsync();
        await using DockerEdge edge = await DockerEdge.StartAsync(fleet, 3);
        Assert.Equal(["server_1", "server_2", "server_3"], await edge.ReplicasAsync());
        Assert.Equal(["server_1", "server_2", "server_3"], await fleet.ContainersAsync());
        Dictionary<string, int> shares = await edge.CountAsync(9_000);
        TestContext.Current.TestOutputHelper!.WriteLine(string.Join(", ", shares.OrderBy(s => s.Key)));
        Assert.Equal(["server_1", "server_2", "server_3"], shares.Keys.Order());
        Assert.All(shares.Values, n => Assert.InRange(n, 3000 - Loops, 3000 + Loops));

        Message answer = await edge.Native.AskAsync("GET", "/home");
        string id = answer.Field("X-Edge-Replica")!["server_".Length..];
        Assert.Equal($"{{\"message\": \"Hello from Server: {id}\", \"status\": \"successful\"}}", answer.Text);
    }

    [Fact]
    public async Task Additions_and_removals_are_containers_that_come_and_go()
    {
        await using TestFleet fleet = await engine.NewFleetAsync();
        await using DockerEdge edge = await DockerEdge.StartAsync(fleet, 3);
        string[] added = DockerEdge.Names(await edge.AddWeightAsync(2, 3, "extra"));
        Assert.Equal(["extra", "server_1", "server_2", "server_3", "server_4"], added);
        Assert.Equal(added, await fleet.ContainersAsync());

        Dictionary<string, int> shares = await edge.CountAsync(9_000);
        TestContext.Current.TestOutputHelper!.WriteLine(string.Join(", ", shares.OrderBy(s => s.Key)));
        foreach (string name in added)
        {
            int share = name is "extra" or "server_4" ? 3000 : 1000;
            Assert.InRange(shares[name], share - Loops, share + Loops);
        }

        string[] left = DockerEdge.Names(await edge.RemoveAsync(2, "extra"));
        Assert.Equal(3, left.Length);
        Assert.DoesNotContain("extra", left);
        Assert.Equal(left, await fleet.ContainersAsync());
        Assert.Equal(left, (await edge.CountAsync(300)).Keys.Order());

        Assert.Empty(DockerEdge.Names(await edge.RemoveAsync(3)));
        Assert.Empty(await fleet.ContainersAsync());
        Assert.Equal(503, (await edge.Native.AskAsync("GET", "/home")).Status);
    }

    [Fact]
    public async Task A_container_carries_what_the_next_balancer_has_to_know_and_may_do_what_others_may()
    {
        await using TestFleet fleet = await engine.NewFleetAsync();
        await using DockerEdge edge = await DockerEdge.StartAsync(fleet, 0);
        DockerEdge.Names(await edge.AddWeightAsync(1, 7, "server_9"));
        JsonElement container = await engine.Docker.InspectAsync("server_9");

        JsonElement config = container.GetProperty("Config");
        JsonElement labels = config.GetProperty("Labels");
        Assert.Equal(fleet.Name, labels.GetProperty("edge.fleet").GetString());
        Assert.Equal("7", labels.GetProperty("edge.weight").GetString());
        Assert.Equal("8080", labels.GetProperty("edge.port").GetString());
        Assert.Contains("SERVER_ID=9", config.GetProperty("Env").EnumerateArray().Select(e => e.GetString()));
        Assert.Equal("65532:65532", config.GetProperty("User").GetString());

        JsonElement host = container.GetProperty("HostConfig");
        Assert.Equal("no", host.GetProperty("RestartPolicy").GetProperty("Name").GetString());
        Assert.False(host.GetProperty("ReadonlyRootfs").GetBoolean());
        Assert.False(host.GetProperty("Privileged").GetBoolean());
        Assert.True(host.GetProperty("CapDrop").ToString() is "" or "[]");
        Assert.True(host.GetProperty("CapAdd").ToString() is "" or "[]");
        Assert.StartsWith("no-new-privileges", Assert.Single(host.GetProperty("SecurityOpt").EnumerateArray()).GetString());
        Assert.Equal(0, host.GetProperty("Memory").GetInt64());
        Assert.Equal(4096, host.GetProperty("PidsLimit").GetInt64());
        Assert.Equal(fleet.Name, Assert.Single(container.GetProperty("NetworkSettings").GetProperty("Networks").EnumerateObject()).Name);
    }

    [Fact]
    public async Task The_end_of_the_balancer_leaves_the_containers_running()
    {
        await using TestFleet fleet = await engine.NewFleetAsync();
        await using DockerEdge edge = await DockerEdge.StartAsync(fleet, 2);
        Assert.Equal(0, await edge.Native.EndAsync("TERM"));
        foreach (string name in new[] { "server_1", "server_2" })
        {
            Assert.Equal("running", (await engine.Docker.InspectAsync(name)).GetProperty("State").GetProperty("Status").GetString());
        }
    }
}
