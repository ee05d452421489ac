using Edge.Config;
using Edge.Hosting;
using Edge.Telemetry;
using Edge.Tests.Backends;
using Edge.Tests.Native;
using Microsoft.Extensions.Configuration.Memory;

namespace Edge.Tests.Docker;

/// <summary>What <c>auto</c> comes to beside a real engine; all cases are in DriverChoiceTests.</summary>
[Collection(nameof(WithDocker))]
public class ChoiceTests(Engine engine)
{
    [Fact]
    public async Task Docker_is_chosen_where_an_option_is_about_containers()
    {
        await using TestFleet fleet = await engine.NewFleetAsync();
        await using DockerEdge edge = await DockerEdge.StartAsync(fleet, 1, ("Fleet:Driver", "auto"));
        Assert.Contains("replicas: docker (auto, since Edge:Docker:", edge.Native.Output);
        Assert.Contains($"  curl -i http://{edge.Native.Endpoint}/\n", edge.Native.Output);
        Assert.Equal(["server_1"], await fleet.ContainersAsync());
    }

    [Fact]
    public async Task Docker_is_chosen_where_the_environment_names_an_engine_and_nothing_else_is_set()
    {
        await using TestFleet fleet = await engine.NewFleetAsync();
        await using NativeEdge edge = await NativeEdge.StartAsync(("DOCKER_HOST", engine.Docker.Host), ("Fleet:Replicas", "0"));
        Assert.Contains("replicas: docker (auto, since DOCKER_HOST is set; ", edge.Output);
        Assert.Empty(edge.Children());
    }

    [Fact]
    public async Task Docker_is_chosen_where_no_engine_answers_and_the_application_is_awaited_instead_of_the_demonstration_served()
    {
        string socket = $"unix:///tmp/no-engine-{Environment.ProcessId}.sock";
        await using NativeEdge edge = await NativeEdge.StartAsync(("DOCKER_HOST", socket), ("Docker:Image", Engine.Image), ("Fleet:Replicas", "1"));
        Assert.Contains("replicas: docker (auto, since Edge:Docker:Image is set; ", edge.Output);
        Message answer = await edge.AskAsync("GET", "/home");
        Assert.Equal((503, "1"), (answer.Status, answer.Field("Retry-After")));
        await Quiet.UntilAsync(
            () => edge.Output.Contains($"the Docker engine at {socket} cannot be reached: there is no such socket", StringComparison.Ordinal), "it says why");
        Assert.Empty(edge.Children());
    }

    [Fact]
    public async Task Without_an_option_an_engine_that_answers_is_used_where_it_has_the_fleet_or_strangers_would_be_served()
    {
        // Only with the tests' own engine is it known which containers there are.
        _ = engine.Own();
        await using TestFleet fleet = await engine.NewFleetAsync();
        Assert.Equal("process", await ChooseAsync("127.0.0.1:0"));
        Assert.Equal("docker", await ChooseAsync("*:0"));

        // Even on a network on which the balancer does not reach it: that is for the balancer to say, not to be passed over.
        await fleet.RunAsync("app", "--network", fleet.Name, "--label", "edge.fleet=edge", Engine.App);
        Assert.Equal("docker", await ChooseAsync("127.0.0.1:0"));
    }

    private async Task<string> ChooseAsync(string listen)
    {
        LoadedOptions loaded = OptionsLoader.Load(new OptionSources([], new MemoryConfigurationSource(), [$"--Edge:Listen={listen}"]));
        DriverChoice choice = await DriverChoice.MakeAsync(
            loaded, new Surroundings(new Uri(engine.Docker.Host), IsEngineNamed: false, "", OwnId: null), () => TimeSpan.FromSeconds(1),
            new Log(TextWriter.Null, TimeProvider.System), TimeProvider.System);
        TestContext.Current.TestOutputHelper!.WriteLine(choice.Why);
        await choice.Driver!.DisposeAsync();
        return choice.Driver.Name;
    }
}
