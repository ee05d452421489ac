using System.Text.Json;
using Edge.Tests.Backends;

namespace Edge.Tests.Docker;

[Collection(nameof(WithDocker))]
public class RefusalTests(Engine engine)
{
    [Fact]
    public async Task The_name_of_a_foreign_container_is_refused_and_that_container_untouched()
    {
        await using TestFleet fleet = await engine.NewFleetAsync();
        string taken = $"{fleet.Name}-taken";
        await fleet.OccupyAsync(taken);
        string before = await LifeAsync(taken);
        await using DockerEdge edge = await DockerEdge.StartAsync(fleet, 1);
        Message answer = await edge.AddAsync(1, taken);
        TestContext.Current.TestOutputHelper!.WriteLine(answer.Text);
        Assert.Equal(409, answer.Status);
        Assert.Contains(taken, answer.Text);
        Assert.StartsWith("{\"message\":\"<Error> ", answer.Text);
        Assert.Equal(before, await LifeAsync(taken));
        Assert.Equal(["server_1"], await edge.ReplicasAsync());
        Assert.Equal(["server_1"], await fleet.ContainersAsync());
    }

    [Fact]
    public async Task If_one_of_five_additions_fails_none_of_them_stays()
    {
        await using TestFleet fleet = await engine.NewFleetAsync();
        string[] names = [.. Enumerable.Range(1, 5).Select(i => $"{fleet.Name}-{i}")];
        await fleet.OccupyAsync(names[2]);
        string before = await LifeAsync(names[2]);
        await using DockerEdge edge = await DockerEdge.StartAsync(fleet, 1);
        Message answer = await edge.AddAsync(5, names);
        Assert.Equal(409, answer.Status);
        Assert.Contains(names[2], answer.Text);
        Assert.Equal(["server_1"], await edge.ReplicasAsync());
        Assert.Equal(["server_1"], await fleet.ContainersAsync());
        Assert.Equal(before, await LifeAsync(names[2]));
    }

    [Fact]
    public async Task An_image_that_is_missing_is_named()
    {
        await using TestFleet fleet = await engine.NewFleetAsync();
        await using DockerEdge edge = await DockerEdge.StartAsync(fleet, 0, ("Docker:Image", "edge-test-missing:7"));
        Message answer = await edge.AddAsync(1, "extra");
        TestContext.Current.TestOutputHelper!.WriteLine(answer.Text);
        Assert.Equal(502, answer.Status);
        Assert.Contains("edge-test-missing:7", answer.Text);
        Assert.Empty(await edge.ReplicasAsync());
        Assert.Empty(await fleet.ContainersAsync());
    }

    [Fact]
    public async Task A_program_that_ends_at_once_is_no_replica()
    {
        await using TestFleet fleet = await engine.NewFleetAsync();
        await using DockerEdge edge = await DockerEdge.StartAsync(fleet, 0, ("Docker:Command:0", "--version"), ("Timeouts:Start", "00:00:05"));
        Message answer = await edge.AddAsync(2, "extra");
        TestContext.Current.TestOutputHelper!.WriteLine(answer.Text);
        Assert.InRange(answer.Status, 500, 504);
        Assert.StartsWith("{\"message\":\"<Error> ", answer.Text);
        Assert.Empty(await edge.ReplicasAsync());
        Assert.Empty(await fleet.ContainersAsync());
    }

    private async Task<string> LifeAsync(string container)
    {
        JsonElement all = await engine.Docker.InspectAsync(container);
        return $"{all.GetProperty("Id")} {all.GetProperty("State")}";
    }
}
