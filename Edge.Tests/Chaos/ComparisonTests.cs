using System.Net;
using Edge.Tests.Native;

namespace Edge.Tests.Chaos;

/// <summary>The same chaos before each balancer: loadtests/reliability/run.sh runs it, and prints the table that it writes.</summary>
[Collection(nameof(Alone))]
public class ComparisonTests
{
    [Fact(Explicit = true)]
    public async Task Edge_HAProxy_and_nginx_get_the_same_faults_in_the_same_run()
    {
        ChaosSettings settings = ChaosSettings.Read();
        string[] rows =
        [
            await RowAsync("Edge", settings, s => s.StartEdgeAsync(), b => b.Endpoint),
            await RowAsync("HAProxy", settings, s => PeerBalancer.StartHaproxyAsync(s.Replicas, settings.Answer), b => b.Endpoint),
            await RowAsync(
                "HAProxy without `disable-l7-retry`", settings,
                s => PeerBalancer.StartHaproxyAsync(s.Replicas, settings.Answer, repeatsAll: true), b => b.Endpoint),
            await RowAsync("nginx", settings, s => PeerBalancer.StartNginxAsync(s.Replicas, settings.Answer), b => b.Endpoint),
        ];
        string table = Verdict.Header + "\n" + string.Join('\n', rows) + "\n";
        TestContext.Current.TestOutputHelper!.WriteLine(table);
        if (Environment.GetEnvironmentVariable("EDGE_CHAOS_TABLE") is { Length: > 0 } file)
        {
            await File.WriteAllTextAsync(file, table, TestContext.Current.CancellationToken);
        }
    }

    private static async Task<string> RowAsync<T>(
        string name, ChaosSettings settings, Func<StaticScenario, Task<T>> startAsync, Func<T, IPEndPoint> endpoint)
        where T : IAsyncDisposable
    {
        await using var scenario = new StaticScenario(settings);
        await using T balancer = await startAsync(scenario);
        return (await scenario.RunAsync(name, endpoint(balancer))).Row(name);
    }
}
