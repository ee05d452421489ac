using System.Text.Json;

namespace Edge.Tests.Docker;

[Collection(nameof(WithDocker))]
public class HealthcheckTests(Engine engine)
{
    [Fact]
    public async Task A_container_whose_own_check_fails_gets_no_requests_though_its_heartbeat_passes()
    {
        await using TestFleet fleet = await engine.NewFleetAsync();
        await RunAsync(fleet, "sick", "http://127.0.0.1:1");
        await RunAsync(fleet, "well", "http://127.0.0.1:8080");
        await using DockerEdge edge = await DockerEdge.StartUnreadyAsync(fleet, 2);
        await edge.StateAsync("well", "healthy");
        await edge.UntilAsync(
            async () => (await engine.Docker.InspectAsync("sick")).GetProperty("State").GetProperty("Health").GetProperty("Status").GetString() == "unhealthy",
            "the engine says that it is sick");

        // Until then the balancer's checks put it into rotation, and no client has sent a request.
        await edge.StateAsync("sick", "unhealthy");
        Assert.Equal(300, (await edge.CountAsync(300))["well"]);

        JsonElement sick = (await edge.ReplicaAsync("sick"))!.Value;
        TestContext.Current.TestOutputHelper!.WriteLine($"{sick}");
        Assert.NotEqual("healthy", sick.GetProperty("state").GetString());
        Assert.Contains("HEALTHCHECK", sick.GetProperty("why").GetString());
        Assert.Equal(0, sick.GetProperty("requests").GetInt64());
        using var client = new HttpClient();
        using HttpResponseMessage heartbeat = await client.GetAsync(
            $"http://{await fleet.AddressAsync("sick")}:8080/heartbeat", TestContext.Current.CancellationToken);
        Assert.True(heartbeat.IsSuccessStatusCode);
    }

    // The option of docker run would need a shell in the image.
    private async Task RunAsync(TestFleet fleet, string name, string url)
    {
        await engine.BuildAsync($"edge-test-{name}:latest", $"""
            FROM {Engine.Image}
            HEALTHCHECK --interval=1s --timeout=5s --retries=1 CMD ["/usr/bin/edge", "healthcheck", "--url", "{url}"]
            """);
        await fleet.RunAsync(
            name, "--network", fleet.Name, "--label", $"edge.fleet={fleet.Name}", $"edge-test-{name}:latest", "replica", "--listen", "*:8080", "--id", "1");
    }
}
