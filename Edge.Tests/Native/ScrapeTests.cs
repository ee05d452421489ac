using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Edge.Tests.Backends;
using Edge.Tests.Control;

namespace Edge.Tests.Native;

[Collection(nameof(Alone))]
public class ScrapeTests
{
    private const int Replicas = 256;

    [Fact]
    public async Task Two_hundred_and_fifty_six_replicas_are_scraped_under_load_and_the_loops_do_not_wait()
    {
        using var end = new CancellationTokenSource();
        using var listener = new TcpListener(IPAddress.Any, 0);
        listener.Start();
        Task serving = ServeAsync(listener, end.Token);
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;
        (string, string)[] addresses = [.. Enumerable.Range(0, Replicas).Select(i => ($"Fleet:Addresses:{i}", $"127.0.{i / 128}.{1 + i % 128}:{port}"))];
        await using NativeEdge edge = await NativeEdge.StartAsync([.. addresses, ("Fleet:Driver", "static"), ("Health:Interval", "00:01:00")]);
        using Wire client = await edge.ConnectAsync();
        for (int i = 0; i < 8 * Replicas; i++)
        {
            await client.SendAsync("GET /home HTTP/1.1\r\nHost: h\r\n\r\n");
            Assert.Equal(200, (await client.ReadMessageAsync()).Status);
        }

        PrometheusPage before = PrometheusPage.Parse((await edge.AskAsync("GET", "/edge/metrics")).Text);
        var load = new MixedLoad(edge.Endpoint, posts: true);
        double[] milliseconds = new double[20];
        string text = "";
        for (int i = 0; i < milliseconds.Length; i++)
        {
            await load.MoreAsync(100);
            var watch = Stopwatch.StartNew();
            text = (await edge.AskAsync("GET", "/edge/metrics")).Text;
            milliseconds[i] = watch.Elapsed.TotalMilliseconds;
        }

        Assert.Empty(await load.StopAsync());
        Assert.Equal((0, ""), await MetricsTests.PromtoolAsync(text, "check", "metrics"));
        PrometheusPage page = PrometheusPage.Parse(text);
        Assert.Equal(Replicas, page.Sum("edge_replica_up"));
        Array.Sort(milliseconds);
        double turns = Since("edge_loop_turn_duration_seconds_count");
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"{Replicas} replicas: {text.Length} bytes, {page.Samples} samples, {milliseconds[10]:0.0} ms a scrape (median of 20 under load, "
                + $"{milliseconds[19]:0.0} at most); "
            + $"{turns} turns of the loops meanwhile, of which took longer than 1 ms: "
            + $"{turns - Since("edge_loop_turn_duration_seconds_bucket", ("le", "0.001024"))}, "
            + $"than 8 ms: {turns - Since("edge_loop_turn_duration_seconds_bucket", ("le", "0.008192"))}");
        await end.CancelAsync();
        await serving;

        double Since(string name, params (string, string)[] labels) => page[name, labels] - before[name, labels];
    }

    private static async Task ServeAsync(TcpListener listener, CancellationToken end)
    {
        var all = new List<Task>();
        try
        {
            while (true)
            {
                all.Add(AnswerAsync(await listener.AcceptSocketAsync(end)));
            }
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            await Task.WhenAll(all);
        }

        async Task AnswerAsync(Socket socket)
        {
            using var wire = new Wire(socket, end, TimeSpan.FromMinutes(5));
            try
            {
                await Scripts.Echo(wire);
            }
            catch (Exception gone) when (gone is OperationCanceledException or SocketException or EndOfStreamException)
            {
                // The balancer has closed the connection, or the test is over.
                return;
            }
        }
    }
}
