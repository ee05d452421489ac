using System.Diagnostics;
using System.Text.Json;

namespace Edge.Tests.Docker;

/// <summary>
/// What a person, the kernel or the engine can do to a replica that the balancer made of a user's application, while requests are on their way.
/// </summary>
[Collection(nameof(WithDocker))]
public class FaultTests(Engine engine)
{
    private static readonly string[] s_names = ["server_1", "server_2", "server_3"];

    [Fact]
    public Task Killed_containers_come_back() => EachAsync((_, name) => ["kill", name]);

    [Fact]
    public Task A_container_that_ends_by_a_signal_comes_back() =>
        EachAsync((fleet, name) => fleet.Docker.RunAsync("kill", "--signal", "TERM", name), s_names, s_names[1..2]);

    [Fact]
    public Task Paused_containers_come_back() => EachAsync((_, name) => ["pause", name]);

    [Fact]
    public Task Removed_containers_come_back() => EachAsync((_, name) => ["rm", "--force", name]);

    [Fact]
    public Task Restarted_containers_are_followed_to_their_new_addresses() => EachAsync((_, name) => ["restart", name]);

    [Fact]
    public Task Disconnected_containers_come_back() => EachAsync((fleet, name) => ["network", "disconnect", fleet.Name, name]);

    [Fact]
    public Task Containers_that_die_by_themselves_come_back() => EachAsync(DieAsync, s_names, s_names);

    [Theory]
    [InlineData("kill")]
    [InlineData("rm", "--force")]
    [InlineData("restart")]
    public Task Requests_wait_for_the_only_replica(params string[] command) =>
        EachAsync((fleet, name) => fleet.Docker.RunAsync([.. command, name]), s_names[..1], s_names[..1]);

    [Fact]
    public Task Requests_wait_for_the_only_replica_when_it_dies_by_itself() => EachAsync(DieAsync, s_names[..1], s_names[..1]);

    private static async Task DieAsync(TestFleet fleet, string name)
    {
        JsonElement container = await fleet.Docker.InspectAsync(name);
        await Command.RunAsync("kill", ["-KILL", container.GetProperty("State").GetProperty("Pid").ToString()]);
    }

    private Task EachAsync(Func<TestFleet, string, string[]> command) =>
        EachAsync((fleet, name) => fleet.Docker.RunAsync(command(fleet, name)), s_names, s_names);

    private async Task EachAsync(Func<TestFleet, string, Task> fault, string[] names, string[] victims)
    {
        await using TestFleet fleet = await engine.NewFleetAsync();
        await using DockerEdge edge =
            await DockerEdge.StartForAppAsync(fleet, names.Length, ("Docker:Image", Engine.App), ("Fleet:Replicas", $"{names.Length}"));
        var load = new SteadyLoad(edge, names);
        string[] failures;
        try
        {
            await load.MoreAsync(100);
            foreach (string name in victims)
            {
                await OnceAsync(edge, load, name, names.Length, () => fault(fleet, name));
            }
        }
        finally
        {
            failures = await load.StopAsync();
        }

        TestContext.Current.TestOutputHelper!.WriteLine($"in all: {load.Requests} requests, {failures.Length} failed");
        Assert.True(failures.Length == 0, $"{string.Join('\n', failures)}\n{edge.Native.Output}");
        Assert.Equal(names, await edge.ReplicasAsync());
        Assert.Equal(names, await fleet.ContainersAsync());
        Assert.Equal(names, (await edge.CountAsync(300)).Keys.Order());
    }

    private static async Task OnceAsync(DockerEdge edge, SteadyLoad load, string name, int replicas, Func<Task> fault)
    {
        (long requests, int failures) = (load.Requests, load.Failures);
        string before = await SinceAsync(edge, name) ?? "";
        var watch = Stopwatch.StartNew();
        await fault();
        long done = watch.ElapsedMilliseconds;

        // It has another life than before, and with it there are all again.
        await edge.UntilAsync(async () => await SinceAsync(edge, name) is { } since && since != before, $"{name} is well again");
        await edge.Native.HealthyAsync(replicas);
        long whole = watch.ElapsedMilliseconds;
        await load.MoreAsync(300);
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"{name}: {load.Requests - requests} requests, {load.Failures - failures} failed; whole again after {whole} ms, of which the fault itself "
                + $"took {done} ms");
    }

    // Since when it is healthy; null while it is not.
    private static async Task<string?> SinceAsync(DockerEdge edge, string name) =>
        await edge.ReplicaAsync(name) is { } replica && replica.GetProperty("state").GetString() == "healthy" ? replica.GetProperty("since").GetString() : null;
}
