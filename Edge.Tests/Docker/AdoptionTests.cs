using System.Text.Json;

namespace Edge.Tests.Docker;

[Collection(nameof(WithDocker))]
public class AdoptionTests(Engine engine)
{
    [Fact]
    public async Task Containers_that_a_person_started_are_adopted_with_their_weight_and_port()
    {
        await using TestFleet fleet = await engine.NewFleetAsync();
        await fleet.RunReplicaAsync("server_77");
        await fleet.RunAsync(
            "labelled", "--network", fleet.Name, "--label", $"edge.fleet={fleet.Name}", "--label", "edge.weight=3", "--label", "edge.port=9090",
            Engine.Image, "replica", "--listen", "*:9090", "--id", "1");
        await using DockerEdge edge = await DockerEdge.StartAsync(fleet, 2);
        Assert.Equal(["labelled", "server_77"], await edge.ReplicasAsync());
        JsonElement labelled = (await edge.ReplicaAsync("labelled"))!.Value;
        Assert.Equal(3, labelled.GetProperty("weight").GetInt32());
        Assert.Equal($"{await fleet.AddressAsync("labelled")}:9090", labelled.GetProperty("address").GetString());
        Dictionary<string, int> shares = await edge.CountAsync(4_000);
        Assert.InRange(shares["labelled"], 2998, 3002);
        Assert.InRange(shares["server_77"], 998, 1002);

        // And so is one that starts while the balancer runs; when it is removed like the others it is gone.
        await fleet.RunReplicaAsync("server_78", "--label", $"edge.fleet={fleet.Name}");
        await edge.StateAsync("server_78", "healthy");
        Assert.Equal(["labelled", "server_77", "server_78"], await edge.ReplicasAsync());
        Assert.Equal(["labelled", "server_77"], DockerEdge.Names(await edge.RemoveAsync(1, "server_78")));
        await Assert.ThrowsAsync<InvalidOperationException>(() => engine.Docker.InspectAsync("server_78"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_container_on_two_networks_is_reached_on_the_fleets(bool fleetsFirst)
    {
        await using TestFleet fleet = await engine.NewFleetAsync();
        string other = await fleet.AddNetworkAsync();
        (string first, string second) = fleetsFirst ? (fleet.Name, other) : (other, fleet.Name);
        await fleet.RunAsync("twice", "--network", first, "--label", $"edge.fleet={fleet.Name}", Engine.Image, "replica", "--listen", "*:8080", "--id", "1");
        await engine.Docker.RunAsync("network", "connect", second, "twice");
        await using DockerEdge edge = await DockerEdge.StartAsync(fleet, 1);
        Assert.Equal(["twice"], await edge.ReplicasAsync());
        Assert.Equal($"{await fleet.AddressAsync("twice")}:8080", (await edge.ReplicaAsync("twice"))!.Value.GetProperty("address").GetString());
        Assert.Equal(30, (await edge.CountAsync(30))["twice"]);
    }

    [Fact]
    public async Task Containers_of_another_fleet_or_off_the_network_are_left_alone()
    {
        await using TestFleet fleet = await engine.NewFleetAsync();
        string other = await fleet.AddNetworkAsync();
        await fleet.RunReplicaAsync("server_71", "--label", "edge.fleet=somebody-elses");
        await fleet.RunReplicaAsync("bystander");
        await fleet.RunAsync("server_72", "--network", other, Engine.Image, "replica", "--listen", "*:8080", "--id", "72");
        await fleet.RunAsync("away", "--network", other, "--label", $"edge.fleet={fleet.Name}", Engine.Image, "replica", "--listen", "*:8080", "--id", "1");
        await using DockerEdge edge = await DockerEdge.StartAsync(fleet, 1);
        Assert.Equal(["server_1"], await edge.ReplicasAsync());

        // The same again while it runs; the last is its own, and when that has been seen the others were.
        await fleet.RunReplicaAsync("server_73", "--label", "edge.fleet=somebody-elses");
        await fleet.RunAsync("server_74", "--network", other, Engine.Image, "replica", "--listen", "*:8080", "--id", "74");
        await fleet.RunReplicaAsync("server_75");
        await edge.StateAsync("server_75", "healthy");
        Assert.Equal(["server_1", "server_75"], await edge.ReplicasAsync());
        Assert.Equal(["server_1", "server_75"], (await edge.CountAsync(100)).Keys.Order());
    }

    [Fact]
    public async Task A_balancer_that_was_killed_finds_its_containers_again_with_their_weights()
    {
        await using TestFleet fleet = await engine.NewFleetAsync();
        string[] names;
        string[] lives;
        await using (DockerEdge first = await DockerEdge.StartAsync(fleet, 3))
        {
            names = DockerEdge.Names(await first.AddWeightAsync(1, 5, "heavy"));
            lives = await LivesAsync(names);
            await first.Native.EndAsync("KILL");
        }

        await using DockerEdge second = await DockerEdge.StartUnreadyAsync(fleet, 3);
        await second.Native.HealthyAsync(4);
        Assert.Equal(names, await second.ReplicasAsync());
        Assert.Equal(5, (await second.ReplicaAsync("heavy"))!.Value.GetProperty("weight").GetInt32());
        Assert.InRange((await second.CountAsync(800))["heavy"], 498, 502);
        Assert.Equal(names, await fleet.ContainersAsync());
        Assert.Equal(lives, await LivesAsync(names));
    }

    [Fact]
    public async Task A_container_of_the_fleet_that_was_stopped_is_started_with_the_next_balancer()
    {
        await using TestFleet fleet = await engine.NewFleetAsync();
        await using (DockerEdge first = await DockerEdge.StartAsync(fleet, 3))
        {
            Assert.Equal(0, await first.Native.EndAsync("TERM"));
        }

        string id = await fleet.IdAsync("server_2");
        await engine.Docker.RunAsync("stop", "server_2");
        await using DockerEdge second = await DockerEdge.StartAsync(fleet, 3);
        Assert.Equal(["server_1", "server_2", "server_3"], await second.ReplicasAsync());
        Assert.Equal(id, await fleet.IdAsync("server_2"));
        Assert.Equal(["server_1", "server_2", "server_3"], await fleet.ContainersAsync());
    }

    // Which container it is, and since when it runs.
    private async Task<string[]> LivesAsync(string[] names)
    {
        var lives = new List<string>();
        foreach (string name in names)
        {
            JsonElement container = await engine.Docker.InspectAsync(name);
            lives.Add($"{container.GetProperty("Id")} {container.GetProperty("State").GetProperty("StartedAt")}");
        }

        return [.. lives];
    }
}
