using System.Globalization;
using System.Text.Json;
using Edge.Tests.Backends;

namespace Edge.Tests.Native;

/// <summary>What the metrics, the access log, the clients and the replicas have counted is the same, to the last request.</summary>
public sealed class ExactFiguresTests : IDisposable
{
    private const int Clients = 8;
    private const int Each = 500;

    private readonly string _file = Path.Combine(Path.GetTempPath(), $"edge-{Guid.NewGuid():N}.log");

    public void Dispose()
    {
        File.Delete(_file);
        File.Delete(_file + ".1");
    }

    [Fact]
    public async Task Replicas_that_reset_and_refuse_are_counted_by_all_alike()
    {
        int[] received = new int[3];
        int[] answered = new int[3];
        await using var good = new Backend(wire => Count(wire, 0, int.MaxValue));
        await using var bad = new Backend(wire => Count(wire, 1, 7));
        await using var worse = new Backend(wire => Count(wire, 2, 3));
        await using NativeEdge edge = await NativeEdge.StartAsync(
            ("Fleet:Driver", "static"), ("Fleet:Addresses:0", $"{good.Address}"), ("Fleet:Addresses:1", $"{bad.Address}"),
                ("Fleet:Addresses:2", $"{worse.Address}"),
            ("Ejection:Failures", "0"), ("Health:Interval", "01:00:00"), ("Retries:Attempts", "2"), ("Retries:Statuses:0", "503"),
                ("Retries:BudgetPercent", "100"),
            ("AccessLog:Format", "Json"), ("AccessLog:File", _file));
        // The health checks of the start are requests, too, but not the balancer's.
        int[] statuses = await LoadAsync(edge);
        PrometheusPage page = await SettledAsync(edge);
        JsonElement[] lines = await LinesAsync(statuses.Length);
        Compare(page, lines, statuses);
        Backend[] backends = [good, bad, worse];
        for (int i = 0; i < backends.Length; i++)
        {
            string name = $"{backends[i].Address}";
            Assert.Equal(answered[i],
                page.Sum("edge_replica_requests_total", ("replica", name)) - page.Sum("edge_replica_requests_total", ("replica", name), ("code", "none")));
            Assert.Equal(received[i], page.Sum("edge_replica_requests_total", ("replica", name)));
        }

        Assert.True(page["edge_retries_total", ("reason", "replica_closed")] > 0 && page["edge_retries_total", ("reason", "status")] > 0);
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"{statuses.Length} requests, {received.Sum()} attempts, {page.Sum("edge_retries_total")} retries, {statuses.Count(s => s != 200)} not "
                + $"answered with 200: the same in clients, metrics, access log and replicas");

        async Task Count(Wire wire, int replica, int failsEach)
        {
            while (true)
            {
                Message request = await wire.ReadMessageAsync();
                if (request.StartLine.Contains("/heartbeat", StringComparison.Ordinal))
                {
                    await wire.SendAsync(Scripts.Ok);
                    continue;
                }

                int number = Interlocked.Increment(ref received[replica]);
                if (number % failsEach == failsEach - 1)
                {
                    wire.Reset();
                    return;
                }

                Interlocked.Increment(ref answered[replica]);
                await wire.SendAsync(failsEach < 10 && number % failsEach == 0 ? "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n" : Scripts.Ok);
            }
        }
    }

    [Fact]
    public async Task Replicas_that_are_killed_under_load_leave_the_figures_exact()
    {
        await using NativeEdge edge = await NativeEdge.StartWithReplicasAsync(3, ("AccessLog:Format", "Json"), ("AccessLog:File", _file));
        Task<int[]> load = LoadAsync(edge);
        for (int i = 0; i < 3; i++)
        {
            using var kill = System.Diagnostics.Process.GetProcessById(edge.Children()[0]);
            kill.Kill();
            int restarts = i + 1;
            await Quiet.UntilAsync(
                async () => PrometheusPage.Parse((await edge.AskAsync("GET", "/edge/metrics")).Text).Sum("edge_replica_restarts_total") == restarts,
                "it is started again", TimeSpan.FromSeconds(20));
            await edge.HealthyAsync(3);
        }

        int[] statuses = await load;
        PrometheusPage page = await SettledAsync(edge);
        Compare(page, await LinesAsync(statuses.Length), statuses);
        Assert.Equal(3, page.Sum("edge_replica_restarts_total"));
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"3 kills: {statuses.Length} requests, {page.Sum("edge_retries_total")} retries, {statuses.Count(s => s != 200)} not answered with 200: the "
                + $"same in clients, metrics and access log");
    }

    [Fact]
    public async Task A_log_that_was_renamed_is_opened_anew_on_SIGHUP_whatever_the_options_are()
    {
        await using NativeEdge edge = await NativeEdge.StartWithReplicasAsync(1, ("AccessLog:Format", "combined"), ("AccessLog:File", _file));
        await edge.AskAsync("GET", "/one");
        await Quiet.UntilAsync(() => Lines().Length > 0 && Lines().Any(l => l.Contains("\"GET /one HTTP/1.1\" ", StringComparison.Ordinal)), "it is logged");
        File.Move(_file, _file + ".1");
        await edge.SignalAsync("HUP");
        await Quiet.UntilAsync(() => edge.Output.Contains("options_reloaded", StringComparison.Ordinal), "it has reloaded");
        await Quiet.UntilAsync(async () =>
        {
            await edge.AskAsync("GET", "/two");
            return Lines().Length > 0;
        }, "the new file is written to", TimeSpan.FromSeconds(20));
        Assert.All(Lines(), l => Assert.Contains("\"GET /two HTTP/1.1\" ", l, StringComparison.Ordinal));
    }

    private string[] Lines() => File.Exists(_file) ? File.ReadAllLines(_file) : [];

    private static void Compare(PrometheusPage page, JsonElement[] lines, int[] statuses)
    {
        foreach (int status in statuses.Distinct())
        {
            int seen = statuses.Count(s => s == status);
            Assert.Equal(seen, page.Sum("edge_http_requests_total", ("code", $"{status}")));
            Assert.Equal(seen, lines.Count(l => l.GetProperty("status").GetInt32() == status));
        }

        Assert.Equal(statuses.Length, page.Sum("edge_http_requests_total"));
        Assert.Equal(statuses.Length, page["edge_http_request_duration_seconds_count"]);
        long attempts = lines.Sum(l => l.GetProperty("attempts").GetInt64());
        Assert.Equal(attempts, page.Sum("edge_replica_requests_total"));
        Assert.Equal(attempts, page["edge_upstream_pool_hits_total"] + page["edge_upstream_pool_misses_total"]);
        Assert.Equal(attempts - lines.Count(l => l.GetProperty("attempts").GetInt32() > 0), page.Sum("edge_retries_total"));
        Assert.Equal(lines.Count(l => l.GetProperty("reason").GetString() != ""), page.Sum("edge_http_failures_total"));
        Assert.Equal(0, page["edge_access_log_dropped_lines_total"]);
    }

    /// <summary>What each of the requests was answered.</summary>
    private static async Task<int[]> LoadAsync(NativeEdge edge)
    {
        int[][] all = await Task.WhenAll(Enumerable.Range(0, Clients).Select(async client =>
        {
            int[] statuses = new int[Each];
            using Wire wire = await Wire.ConnectAsync(edge.Endpoint, TimeSpan.FromMinutes(2));
            for (int i = 0; i < Each; i++)
            {
                string method = i % 5 == 4 ? "POST" : "GET";
                await wire.SendAsync(
                    string.Create(CultureInfo.InvariantCulture, $"{method} /home?{client}-{i} HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi"));
                statuses[i] = (await wire.ReadMessageAsync()).Status;
            }

            return statuses;
        }));
        return [.. all.SelectMany(s => s)];
    }

    private static async Task<PrometheusPage> SettledAsync(NativeEdge edge)
    {
        PrometheusPage page = null!;
        await Quiet.UntilAsync(async () =>
        {
            page = PrometheusPage.Parse((await edge.AskAsync("GET", "/edge/metrics")).Text);
            return page["edge_http_requests_in_flight"] == 0;
        }, "all are counted", TimeSpan.FromSeconds(20));
        return page;
    }

    // Those of the balancer's own paths are left out.
    private async Task<JsonElement[]> LinesAsync(int expected)
    {
        JsonElement[] lines = [];
        await Quiet.UntilAsync(() =>
        {
            string text = File.ReadAllText(_file);
            lines = [.. text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonDocument.Parse(l).RootElement)
                .Where(l => l.GetProperty("target").GetString()!.StartsWith("/home", StringComparison.Ordinal))];
            return lines.Length >= expected;
        }, "all are logged");
        Assert.Equal(expected, lines.Length);
        return lines;
    }
}
