namespace Edge.Tests.Docker;

/// <summary>Whether the tests' own tools do what the other tests rely on.</summary>
[Collection(nameof(WithDocker))]
public class HarnessTests(Engine engine)
{
    [Fact]
    public async Task A_replica_in_an_empty_image_answers_at_its_address()
    {
        await using TestFleet fleet = await engine.NewFleetAsync();
        await fleet.RunReplicaAsync($"{fleet.Name}-a", "--label", $"edge.fleet={fleet.Name}");
        Assert.Equal([$"{fleet.Name}-a"], await fleet.ContainersAsync());
        using var client = new HttpClient();
        string address = await fleet.AddressAsync($"{fleet.Name}-a");
        Assert.Contains(
            $"Hello from Server: {fleet.Name}-a", await client.GetStringAsync($"http://{address}:8080/home", TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("TERM")]
    [InlineData("KILL")]
    public async Task A_container_outlives_the_engine_and_the_next_one_finds_it(string signal)
    {
        PrivateEngine own = engine.Own();
        await using TestFleet fleet = await engine.NewFleetAsync();
        string name = $"{fleet.Name}-a";
        await fleet.RunReplicaAsync(name);
        string address = await fleet.AddressAsync(name);
        await own.StopAsync(signal);
        try
        {
            Assert.False((await engine.Docker.PingAsync()).Answers);
            using var client = new HttpClient();
            Assert.Contains("Hello", await client.GetStringAsync($"http://{address}:8080/home", TestContext.Current.CancellationToken));
        }
        finally
        {
            await own.StartAsync(engine.Docker);
        }

        Assert.Equal("running", (await engine.Docker.InspectAsync(name)).GetProperty("State").GetProperty("Status").GetString());
        Assert.Equal(address, await fleet.AddressAsync(name));
        await engine.Docker.RunAsync("restart", "--time", "1", name);
    }
}
