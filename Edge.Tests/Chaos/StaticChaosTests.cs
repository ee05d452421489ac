using System.Text.Json;
using Edge.Tests.Backends;
using Edge.Tests.Native;

namespace Edge.Tests.Chaos;

/// <summary>Every kind of fault, in one replica at a time: the clients do not notice it, and nothing is left of it afterwards.</summary>
[Collection(nameof(Alone))]
public sealed class StaticChaosTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("edge-chaos-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Replicas_that_fail_in_every_way_one_at_a_time_cost_no_GET_and_repeat_no_POST()
    {
        ChaosSettings settings = ChaosSettings.Read();
        await using var scenario = new StaticScenario(settings);
        await using NativeEdge first = await scenario.StartEdgeAsync(_folder.FullName);
        int descriptors = first.Descriptors();
        await using var staff = new Operator(first, _folder.FullName, scenario.EdgeOptions, settings.Seed);
        using var end = new CancellationTokenSource();
        Task operating = staff.RunAsync(end.Token);
        Verdict verdict = await scenario.RunAsync("Edge", first.Endpoint);
        await end.CancelAsync();
        await operating;
        TestContext.Current.TestOutputHelper!.WriteLine(staff.ToString());
        NativeEdge edge = staff.Current;
        Assert.True(verdict.GetsLost.Count == 0, $"{settings}\n{verdict.Details()}\n{edge.Output}");
        Assert.True(verdict.ExecutedTwice.Count == 0, $"{settings}\n{verdict.Details()}");
        Assert.True(verdict.MixedUp.Count == 0, $"{settings}\n{verdict.Details()}");
        Assert.Empty(verdict.Damaged);

        await staff.RetiredAsync();

        // Kept connections go after their idle time; what a health check uses comes and goes.
        await Quiet.UntilAsync(() => edge.Descriptors() <= descriptors, "descriptors are back to the start");
        JsonElement status = await edge.StatusAsync();
        Assert.All(status.GetProperty("replicas").EnumerateArray(), r => Assert.Equal(0, r.GetProperty("inFlight").GetInt64()));
        Assert.Equal(1, status.GetProperty("loops").EnumerateArray().Sum(l => l.GetProperty("connections").GetInt64()));
        Assert.Equal(0, status.GetProperty("loops").EnumerateArray().Sum(l => l.GetProperty("waiting").GetInt64()));
    }
}
