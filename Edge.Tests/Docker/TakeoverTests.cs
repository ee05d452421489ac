using Edge.Tests.Native;

namespace Edge.Tests.Docker;

[Collection(nameof(WithDocker))]
public class TakeoverTests(Engine engine)
{
    [Fact]
    public async Task The_new_balancer_has_the_same_containers_and_heals_them_and_no_request_fails()
    {
        await using TestFleet fleet = await engine.NewFleetAsync();
        DockerEdge old = await DockerEdge.StartAsync(fleet, 2);
        Assert.Equal(["blue", "server_1", "server_2"], DockerEdge.Names(await old.AddWeightAsync(1, 3, "blue")));
        string[] ids = await Task.WhenAll(fleet.IdAsync("blue"), fleet.IdAsync("server_1"), fleet.IdAsync("server_2"));
        var load = new MixedLoad(old.Native.Endpoint, posts: false);
        await load.MoreAsync(500);
        DockerEdge edge = await DockerEdge.TakeOverAsync(fleet, old, 1);
        Assert.Equal(0, await old.Native.ExitAsync());
        await load.MoreAsync(500);

        // The same, with their weights, though the options of this one ask for fewer.
        Assert.Equal(["blue", "server_1", "server_2"], await edge.ReplicasAsync());
        Assert.Equal(3, (await edge.ReplicaAsync("blue"))!.Value.GetProperty("weight").GetInt32());
        Assert.Equal(ids, await Task.WhenAll(fleet.IdAsync("blue"), fleet.IdAsync("server_1"), fleet.IdAsync("server_2")));

        await fleet.Docker.RunAsync("kill", "server_1");
        await edge.UntilAsync(async () => (await edge.ReplicaAsync("server_1"))!.Value.GetProperty("restarts").GetInt32() == 1, "it is started again");
        await edge.Native.HealthyAsync(3);
        await load.MoreAsync(500);
        string[] failures = await load.StopAsync();
        TestContext.Current.TestOutputHelper!.WriteLine(load.ToString());
        Assert.Empty(failures);
        await old.DisposeAsync();
        await edge.DisposeAsync();
    }
}
