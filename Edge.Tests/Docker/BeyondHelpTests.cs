namespace Edge.Tests.Docker;

/// <summary>Replicas that cannot run again: nothing of them may be left behind.</summary>
[Collection(nameof(WithDocker))]
public class BeyondHelpTests(Engine engine)
{
    [Fact]
    public async Task A_container_that_cannot_be_started_again_says_why_and_is_removed_for_good()
    {
        await using TestFleet fleet = await engine.NewFleetAsync();
        string folder = Directory.CreateTempSubdirectory("edge-test-mount-").FullName;
        await fleet.RunReplicaAsync("broken", "--label", $"edge.fleet={fleet.Name}", "--mount", $"type=bind,source={folder},target=/data");
        await using DockerEdge edge = await DockerEdge.StartAsync(fleet, 2);
        Assert.Equal(["broken", "server_1"], await edge.ReplicasAsync());

        // The engine starts no container whose mount has nothing behind it.
        Directory.Delete(folder);
        await engine.Docker.RunAsync("kill", "broken");
        await edge.UntilAsync(
            async () => await edge.ReplicaAsync("broken") is { } broken && broken.GetProperty("why").GetString()!.Contains(folder, StringComparison.Ordinal),
            "it says what it lacks");
        TestContext.Current.TestOutputHelper!.WriteLine($"{await edge.ReplicaAsync("broken")}");
        Assert.Equal(["server_1"], await edge.ReplicasAsync());
        Assert.Equal(100, (await edge.CountAsync(100))["server_1"]);

        Assert.Equal(["server_1"], DockerEdge.Names(await edge.RemoveAsync(1, "broken")));
        Assert.Equal(["server_1"], await fleet.ContainersAsync());
    }

    [Fact]
    public async Task A_container_can_be_started_again_when_what_it_lacked_is_there()
    {
        await using TestFleet fleet = await engine.NewFleetAsync();
        string folder = Directory.CreateTempSubdirectory("edge-test-mount-").FullName;
        try
        {
            await fleet.RunReplicaAsync("broken", "--label", $"edge.fleet={fleet.Name}", "--mount", $"type=bind,source={folder},target=/data");
            await using DockerEdge edge = await DockerEdge.StartAsync(fleet, 1);
            string id = await fleet.IdAsync("broken");
            Directory.Delete(folder);
            await engine.Docker.RunAsync("kill", "broken");
            await edge.UntilAsync(
                async () => await edge.ReplicaAsync("broken") is { } broken && broken.GetProperty("why")
                    .GetString()!.Contains(folder, StringComparison.Ordinal),
                "it says what it lacks");
            Directory.CreateDirectory(folder);
            await edge.StateAsync("broken", "healthy");
            Assert.Equal(id, await fleet.IdAsync("broken"));
            Assert.Equal(["broken"], await edge.ReplicasAsync());
        }
        finally
        {
            Directory.Delete(folder);
        }
    }
}
