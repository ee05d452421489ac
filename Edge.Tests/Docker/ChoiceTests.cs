using Edge.Tests.Native;

namespace Edge.Tests.Docker;

[Collection(nameof(WithDocker))]
public class ChoiceTests(Engine engine)
{
    [Fact]
    public async Task Docker_is_chosen_where_its_socket_answers_and_an_image_is_known()
    {
        await using TestFleet fleet = await engine.NewFleetAsync();
        await using DockerEdge edge = await DockerEdge.StartAsync(fleet, 1, ("Fleet:Driver", "auto"));
        Assert.Contains("replicas: docker (", edge.Native.Output);
        Assert.Equal(["server_1"], await fleet.ContainersAsync());
    }

    [Fact]
    public async Task Processes_are_chosen_where_no_image_is_known()
    {
        await using TestFleet fleet = await engine.NewFleetAsync();
        await using NativeEdge edge = await NativeEdge.StartAsync(
            ("DOCKER_HOST", engine.Docker.Host), ("Fleet:Name", fleet.Name), ("Docker:Network", fleet.Name), ("Fleet:Replicas", "1"));
        await edge.HealthyAsync(1);
        string line = edge.Output.Split('\n').Single(l => l.StartsWith("replicas: ", StringComparison.Ordinal));
        TestContext.Current.TestOutputHelper!.WriteLine(line);
        Assert.StartsWith("replicas: process (", line);
        Assert.Contains("Docker:Image", line);
        Assert.Empty(await fleet.ContainersAsync());
    }

    [Fact]
    public async Task Processes_are_chosen_where_no_engine_answers_and_the_reason_names_its_address()
    {
        string socket = $"unix:///tmp/no-engine-{Environment.ProcessId}.sock";
        await using NativeEdge edge = await NativeEdge.StartAsync(
            ("DOCKER_HOST", socket), ("Docker:Image", Engine.Image), ("Fleet:Replicas", "1"));
        await edge.HealthyAsync(1);
        string line = edge.Output.Split('\n').Single(l => l.StartsWith("replicas: ", StringComparison.Ordinal));
        TestContext.Current.TestOutputHelper!.WriteLine(line);
        Assert.StartsWith("replicas: process (", line);
        Assert.Contains(socket, line);
    }
}
