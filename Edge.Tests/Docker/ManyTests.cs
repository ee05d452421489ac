using System.Diagnostics;

namespace Edge.Tests.Docker;

[Collection(nameof(WithDocker))]
public class ManyTests(Engine engine)
{
    private const int AtOnce = 20;

    [Fact]
    public async Task A_hundred_replicas_cost_the_engine_no_more_calls_each_than_ten()
    {
        PrivateEngine own = engine.Own();
        double few = await CallsEachAsync(own, 10);
        double many = await CallsEachAsync(own, 100);
        Assert.InRange(many, 0, 1.5 * few);
    }

    private async Task<double> CallsEachAsync(PrivateEngine own, int replicas)
    {
        await using TestFleet fleet = await engine.NewFleetAsync();
        await using DockerEdge edge = await DockerEdge.StartAsync(fleet, 0);
        int before = Calls(own);
        var watch = Stopwatch.StartNew();
        for (int there = 0; there < replicas; there += AtOnce)
        {
            DockerEdge.Names(await edge.AddAsync(Math.Min(AtOnce, replicas - there)));
        }

        double adding = watch.Elapsed.TotalMilliseconds / replicas;
        int added = Calls(own);
        Assert.Equal(replicas, (await edge.ReplicasAsync()).Length);
        Assert.Equal(replicas, (await edge.CountAsync(replicas * 10)).Count);

        watch.Restart();
        for (int left = replicas; left > 0; left -= AtOnce)
        {
            DockerEdge.Names(await edge.RemoveAsync(Math.Min(AtOnce, left)));
        }

        double removing = watch.Elapsed.TotalMilliseconds / replicas;
        int removed = Calls(own);
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"{replicas} replicas: added in {adding:0} ms and {(double)(added - before) / replicas:0.00} calls each, "
            + $"removed in {removing:0} ms and {(double)(removed - added) / replicas:0.00} calls each");
        Assert.Empty(await edge.ReplicasAsync());
        Assert.Empty(await fleet.ContainersAsync());
        return (double)(removed - before) / replicas;
    }

    // The engine writes a line for each call at this level of detail.
    private static int Calls(PrivateEngine own)
    {
        using var file = new FileStream(own.LogFile, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var lines = new StreamReader(file);
        int calls = 0;
        while (lines.ReadLine() is { } line)
        {
            calls += line.Contains("msg=\"Calling ", StringComparison.Ordinal) ? 1 : 0;
        }

        return calls;
    }
}
