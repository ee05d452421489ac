using System.Diagnostics;
using System.Text.Json;
using Edge.Tests.Backends;
using Edge.Tests.Native;

namespace Edge.Tests.Docker;

/// <summary>Containers that are stopped or paused while nobody asks, and the engine that remembers them.</summary>
[Collection(nameof(WithDocker))]
public sealed class SleepTests(Engine engine)
{
    private const string Get = "GET /home HTTP/1.1\r\nHost: h\r\n\r\n";

    private static Task<DockerEdge> StartAsync(TestFleet fleet, int replicas, params (string Key, string Value)[] options) =>
        DockerEdge.StartUnreadyAsync(fleet, replicas, [("Scale:Maximum", "3"), ("Scale:Minimum", "0"), .. options]);

    private static async Task SleepAsync(DockerEdge edge, int replicas)
    {
        await edge.Native.HealthyAsync(replicas);
        Message asleep = await edge.Native.AskAsync("POST", "/edge/sleep");
        Assert.True(asleep.Status == 200, asleep.Text);
    }

    private static async Task<long> AskAsync(DockerEdge edge)
    {
        var time = Stopwatch.StartNew();
        Message answer = await edge.Native.AskAsync("GET", "/home");
        Assert.True(answer.Status == 200, answer.Text);
        return time.ElapsedMilliseconds;
    }

    // What the engine needs to start such a container, without a balancer.
    private static async Task<long> StartAloneAsync(TestFleet fleet)
    {
        string name = fleet.WillBe($"{fleet.Name}-alone");
        await fleet.Docker.RunAsync("create", "--name", name, "--network", fleet.Name, Engine.Image, "replica", "--listen", "*:8080");
        var time = Stopwatch.StartNew();
        await fleet.Docker.RunAsync("start", name);
        return time.ElapsedMilliseconds;
    }

    [Theory]
    [InlineData("Stop")]
    [InlineData("Pause")]
    public async Task It_sleeps_and_a_request_wakes_the_same_container(string asleep)
    {
        await using TestFleet fleet = await engine.NewFleetAsync();
        await using DockerEdge edge = await StartAsync(fleet, 2, ("Scale:Asleep", asleep), ("Scale:Sleep", "3s"));
        await edge.Native.HealthyAsync(2);
        string id = await fleet.IdAsync("server_1");
        await ScaleTests.StateAsync(edge.Native, "asleep");
        await edge.StateAsync("server_1", "kept");
        await edge.StateAsync("server_2", "kept");
        JsonElement state = (await fleet.Docker.InspectAsync("server_1")).GetProperty("State");
        Assert.Equal(asleep == "Pause", state.GetProperty("Paused").GetBoolean());
        Assert.Equal(asleep == "Pause", state.GetProperty("Running").GetBoolean());
        long taken = await AskAsync(edge);
        Assert.Equal(id, await fleet.IdAsync("server_1"));
        Assert.Equal(["server_1"], await edge.ReplicasAsync());
        await ScaleTests.StateAsync(edge.Native, "asleep");
        await AskAsync(edge);

        long plain = asleep == "Stop" ? await StartAloneAsync(fleet) : 0;
        TestContext.Current.TestOutputHelper!.WriteLine($"{asleep}: from no replica to the first answer: {taken} ms, of which the engine needs {plain} ms");
        Assert.InRange(taken - plain, long.MinValue, 3000);
    }

    [Fact]
    public async Task Containers_that_are_pruned_while_it_sleeps_are_made_again()
    {
        await using TestFleet fleet = await engine.NewFleetAsync();
        await using DockerEdge edge = await StartAsync(fleet, 1);
        await SleepAsync(edge, 1);
        string id = await fleet.IdAsync("server_1");
        await fleet.Docker.RunAsync("container", "prune", "--force");
        Assert.Empty(await fleet.ContainersAsync());
        await AskAsync(edge);
        Assert.NotEqual(id, await fleet.IdAsync("server_1"));
    }

    [Fact]
    public async Task A_balancer_that_comes_back_finds_it_asleep_and_wakes_it_though_its_containers_were_pruned_meanwhile()
    {
        await using TestFleet fleet = await engine.NewFleetAsync();
        await using (DockerEdge first = await StartAsync(fleet, 2))
        {
            await SleepAsync(first, 2);
            await first.Native.EndAsync("KILL");
        }

        string[] ids = await Task.WhenAll(fleet.IdAsync("server_1"), fleet.IdAsync("server_2"));
        await using DockerEdge edge = await StartAsync(fleet, 2);
        await ScaleTests.StateAsync(edge.Native, "asleep");
        Assert.False((await fleet.Docker.InspectAsync("server_1")).GetProperty("State").GetProperty("Running").GetBoolean());
        await AskAsync(edge);
        Assert.Equal(ids, await Task.WhenAll(fleet.IdAsync("server_1"), fleet.IdAsync("server_2")));

        // Which of both is the one that the engine lists first.
        Assert.Contains(Assert.Single(await edge.ReplicasAsync()), (string[])["server_1", "server_2"]);
    }

    [Fact]
    public async Task A_balancer_that_is_killed_while_it_wakes_the_service_is_followed_by_one_that_answers()
    {
        await using TestFleet fleet = await engine.NewFleetAsync();
        await using (DockerEdge first = await StartAsync(fleet, 2))
        {
            await SleepAsync(first, 2);
            using Wire client = await first.Native.ConnectAsync();
            await client.SendAsync(Get);
            await ScaleTests.StateAsync(first.Native, "waking");
            await first.Native.EndAsync("KILL");
        }

        await using DockerEdge edge = await StartAsync(fleet, 2);
        await AskAsync(edge);
        Assert.Equal(["server_1", "server_2"], (await fleet.ContainersAsync()).Order());
        Assert.Single(await edge.ReplicasAsync());
    }

    [Fact]
    public async Task A_takeover_of_a_service_that_sleeps_leaves_it_asleep_and_the_new_balancer_wakes_it()
    {
        await using TestFleet fleet = await engine.NewFleetAsync();
        (string, string)[] options = [("Scale:Maximum", "3"), ("Scale:Minimum", "0")];
        DockerEdge old = await DockerEdge.StartUnreadyAsync(fleet, 1, options);
        await SleepAsync(old, 1);
        DockerEdge edge = await DockerEdge.TakeOverAsync(fleet, old, 1, options);
        Assert.Equal(0, await old.Native.ExitAsync());
        Assert.Equal("asleep", (await ScaleTests.ScaleAsync(edge.Native)).GetProperty("state").GetString());
        await AskAsync(edge);
        await old.DisposeAsync();
        await edge.DisposeAsync();
    }

    [Fact]
    public async Task An_idle_WebSocket_keeps_it_awake()
    {
        await using TestFleet fleet = await engine.NewFleetAsync();
        await using DockerEdge edge = await StartAsync(fleet, 1, ("Scale:Sleep", "3s"));
        await edge.Native.HealthyAsync(1);
        using Wire client = await edge.Native.ConnectAsync();
        await client.SendAsync(ScaleTests.Tunnel);
        Assert.StartsWith("HTTP/1.1 101 ", await client.ReadHeadAsync(), StringComparison.Ordinal);
        long began = Environment.TickCount64;
        await Quiet.UntilAsync(() => Environment.TickCount64 - began > 6500, "twice the time has passed after which it would sleep");
        Assert.Equal(["server_1"], await edge.ReplicasAsync());
        client.Dispose();
        await ScaleTests.StateAsync(edge.Native, "asleep");
    }

    [Fact]
    public async Task A_fleet_with_a_container_of_somebody_else_does_not_sleep()
    {
        await using TestFleet fleet = await engine.NewFleetAsync();
        await fleet.RunReplicaAsync("web", "--label", $"edge.fleet={fleet.Name}");
        await using DockerEdge edge = await StartAsync(fleet, 1);
        await edge.UntilAsync(async () => (await edge.ReplicasAsync()).Contains("web"), "it is found");
        Message refused = await edge.Native.AskAsync("POST", "/edge/sleep");
        Assert.Equal(409, refused.Status);
        Assert.Contains("it does not sleep, because the balancer did not make web", refused.Text, StringComparison.Ordinal);
    }
}
