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
        var rows = new List<string> { Verdict.Header };
        await using (var scenario = new StaticScenario(settings))
        {
            await using NativeEdge edge = await scenario.StartEdgeAsync();
            rows.Add((await scenario.RunAsync("Edge", edge.Endpoint)).Row("Edge"));
        }

        await using (var scenario = new StaticScenario(settings))
        {
            await using PeerBalancer haproxy = await PeerBalancer.StartHaproxyAsync(scenario.Replicas, settings.Answer);
            rows.Add((await scenario.RunAsync("HAProxy", haproxy.Endpoint)).Row("HAProxy"));
        }

        await using (var scenario = new StaticScenario(settings))
        {
            await using PeerBalancer nginx = await PeerBalancer.StartNginxAsync(scenario.Replicas, settings.Answer);
            rows.Add((await scenario.RunAsync("nginx", nginx.Endpoint)).Row("nginx"));
        }

        string table = string.Join('\n', rows) + "\n";
        TestContext.Current.TestOutputHelper!.WriteLine(table);
        if (Environment.GetEnvironmentVariable("EDGE_CHAOS_TABLE") is { Length: > 0 } file)
        {
            await File.WriteAllTextAsync(file, table, TestContext.Current.CancellationToken);
        }
    }
}
