using System.Diagnostics;
using Edge.Tests.Backends;

namespace Edge.Tests.Docker;

[Collection(nameof(WithDocker))]
public class EngineDownTests(Engine engine)
{
    private static readonly string[] s_names = ["server_1", "server_2", "server_3"];

    [Theory]
    [InlineData("TERM")]
    [InlineData("KILL")]
    public async Task Forwarding_does_without_the_engine_and_its_return_puts_all_right(string signal)
    {
        PrivateEngine own = engine.Own();
        await using TestFleet fleet = await engine.NewFleetAsync();
        await using DockerEdge edge = await DockerEdge.StartAsync(fleet, s_names.Length);
        string pid = (await engine.Docker.InspectAsync("server_2")).GetProperty("State").GetProperty("Pid").ToString();
        var load = new SteadyLoad(edge, s_names);
        string[] failures;
        try
        {
            await load.MoreAsync(100);
            await own.StopAsync(signal);
            try
            {
                await BlindAsync(edge, load);

                // Behind the engine's back, and so behind the balancer's.
                await Command.RunAsync("kill", ["-KILL", pid]);
                await load.MoreAsync(3_000);
            }
            finally
            {
                await own.StartAsync(engine.Docker);
            }

            var watch = Stopwatch.StartNew();
            await edge.UntilAsync(async () => (await edge.RepAsync()).Field("Warning") is null, "it sees the engine again");
            long seen = watch.ElapsedMilliseconds;
            await edge.UntilAsync(
                async () => (await engine.Docker.InspectAsync("server_2")).GetProperty("State").GetProperty("Pid")
                    .GetInt32() is > 0 and var now && $"{now}" != pid,
                "server_2 was started again");
            await edge.Native.HealthyAsync(s_names.Length);
            TestContext.Current.TestOutputHelper!.WriteLine($"engine back: seen after {seen} ms, whole after {watch.ElapsedMilliseconds} ms");
            await load.MoreAsync(300);
        }
        finally
        {
            failures = await load.StopAsync();
        }

        TestContext.Current.TestOutputHelper!.WriteLine($"{load.Requests} requests, {failures.Length} failed");
        Assert.True(failures.Length == 0, $"{string.Join('\n', failures)}\n{edge.Native.Output}");
        Assert.Equal(s_names, await edge.ReplicasAsync());
        Assert.Equal(s_names, await fleet.ContainersAsync());
        Assert.Equal(4, DockerEdge.Names(await edge.AddAsync(1)).Length);
    }

    [Fact]
    public async Task A_balancer_that_starts_without_its_engine_takes_the_fleet_up_when_it_comes()
    {
        PrivateEngine own = engine.Own();
        await using TestFleet fleet = await engine.NewFleetAsync();
        await fleet.RunReplicaAsync("server_5");
        await own.StopAsync("TERM");
        DockerEdge? edge = null;
        try
        {
            try
            {
                edge = await DockerEdge.StartUnreadyAsync(fleet, 2);
                Assert.Equal(503, (await edge.AddAsync(1)).Status);
                Assert.Equal(503, (await edge.Native.AskAsync("GET", "/home")).Status);
            }
            finally
            {
                await own.StartAsync(engine.Docker);
            }

            await edge.Native.HealthyAsync(2);
            Assert.Equal(["server_1", "server_5"], await edge.ReplicasAsync());
        }
        finally
        {
            await (edge?.DisposeAsync() ?? ValueTask.CompletedTask);
        }
    }

    // What the balancer says while it does not see the engine.
    private static async Task BlindAsync(DockerEdge edge, SteadyLoad load)
    {
        Message rep = await edge.RepAsync();
        await edge.UntilAsync(async () => (rep = await edge.RepAsync()).Field("Warning") is not null, "/rep says that it may be stale");
        TestContext.Current.TestOutputHelper!.WriteLine(rep.Field("Warning")!);
        Assert.Equal(s_names, DockerEdge.Names(rep));
        Message added = await edge.AddAsync(1, "extra");
        TestContext.Current.TestOutputHelper!.WriteLine(added.Text);
        Assert.Equal(503, added.Status);
        Assert.Equal(503, (await edge.RemoveAsync(1, "server_1")).Status);
        Assert.Equal(s_names, DockerEdge.Names(await edge.RepAsync()));
        await load.MoreAsync(3_000);
    }
}
