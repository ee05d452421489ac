using System.Net;
using Edge.Tests.Native;

namespace Edge.Tests.Chaos;

/// <summary>The same chaos before each balancer. loadtests/reliability/run.sh has it take longer, and prints the table that it writes.</summary>
[Collection(nameof(Alone))]
public class ComparisonTests
{
    [Fact]
    public async Task Edge_HAProxy_and_nginx_get_the_same_faults_in_the_same_run()
    {
        ChaosSettings settings = ChaosSettings.Read(defaultSeconds: 6);
        (string Name, Verdict Verdict)[] runs =
        [
            await RunAsync("Edge", settings, s => s.StartEdgeAsync(), b => b.Endpoint),
            await RunAsync("HAProxy", settings, s => PeerBalancer.StartHaproxyAsync(s.Replicas, settings.Answer), b => b.Endpoint),
            await RunAsync(
                "HAProxy without `disable-l7-retry`", settings,
                s => PeerBalancer.StartHaproxyAsync(s.Replicas, settings.Answer, repeatsAll: true), b => b.Endpoint),
            await RunAsync("nginx", settings, s => PeerBalancer.StartNginxAsync(s.Replicas, settings.Answer), b => b.Endpoint),
        ];

        // What the peers make of it is theirs, but the load must have been the same before each.
        Assert.Single(runs.Select(r => r.Verdict.Requests).Distinct());
        Verdict edge = runs[0].Verdict;
        Assert.True(edge.GetsLost.Count + edge.ExecutedTwice.Count + edge.MixedUp.Count == 0, $"{settings}\n{edge.Details()}");
        string table = Verdict.Header + "\n" + string.Join('\n', runs.Select(r => r.Verdict.Row(r.Name))) + "\n";
        TestContext.Current.TestOutputHelper!.WriteLine(table);
        if (Environment.GetEnvironmentVariable("EDGE_CHAOS_TABLE") is { Length: > 0 } file)
        {
            await File.WriteAllTextAsync(file, table, TestContext.Current.CancellationToken);
        }
    }

    private static async Task<(string Name, Verdict Verdict)> RunAsync<T>(
        string name, ChaosSettings settings, Func<StaticScenario, Task<T>> startAsync, Func<T, IPEndPoint> endpoint)
        where T : IAsyncDisposable
    {
        await using var scenario = new StaticScenario(settings);
        await using T balancer = await startAsync(scenario);
        return (name, await scenario.RunAsync(name, endpoint(balancer)));
    }
}
