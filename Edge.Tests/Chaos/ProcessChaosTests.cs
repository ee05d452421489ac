using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Edge.Tests.Backends;
using Edge.Tests.Native;

namespace Edge.Tests.Chaos;

/// <summary>Replicas that the balancer owns are killed, stopped, added and removed at random, and no client notices.</summary>
[Collection(nameof(Alone))]
public class ProcessChaosTests
{
    private const int PerSecond = 250;
    private const int Fewest = 3;
    private const int Most = 6;

    private readonly HashSet<int> _seen = [];
    private readonly List<string> _log = [];
    private int _count = Fewest;

    [Fact]
    public async Task Killing_stopping_adding_and_removing_replicas_at_random_costs_no_GET_and_leaves_no_process()
    {
        ChaosSettings settings = ChaosSettings.Read();
        ITestOutputHelper output = TestContext.Current.TestOutputHelper!;
        output.WriteLine(settings.ToString());
        await using (NativeEdge edge = await NativeEdge.StartWithReplicasAsync(
            Fewest, [("Health:Interval", "00:00:00.500"), ("Health:Timeout", "00:00:00.500"), .. ChaosSettings.MoreOptions()]))
        {
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
            var load = new OpenLoad(edge.Endpoint, new BuiltInWording(), settings.Seed, PerSecond, postsOfTen: 0);
            Task<IReadOnlyList<Outcome>> loading = load.RunAsync(TimeSpan.FromMinutes(10), stop.Token);
            try
            {
                await DisturbAsync(edge, settings, stop.Token);
            }
            finally
            {
                output.WriteLine(string.Join('\n', _log));
                await stop.CancelAsync();
            }

            IReadOnlyList<Outcome> outcomes = await loading;
            Outcome[] lost = [.. outcomes.Where(o => o.Got != Got.Right)];
            double[] latencies = [.. outcomes.Select(o => o.Milliseconds).Order()];
            (double middle, double late) = (latencies[latencies.Length / 2], latencies[latencies.Length * 99 / 100]);
            output.WriteLine(FormattableString.Invariant($"{outcomes.Count} GETs, {lost.Length} lost; p50 {middle:0.0} ms, p99 {late:0.0} ms"));
            Assert.True(lost.Length == 0, $"{settings}\n{string.Join('\n', lost.Take(12).AsEnumerable())}\n{edge.Output}");

            await edge.HealthyAsync(_count);
            JsonElement status = await edge.StatusAsync();
            Assert.All(status.GetProperty("replicas").EnumerateArray(), r => Assert.Equal(0, r.GetProperty("inFlight").GetInt64()));

            // A child that has ended and was never asked how is a child still: a zombie counts here.
            Assert.Equal(_count, See(edge).Length);
        }

        Assert.All(_seen, pid => Assert.False(Directory.Exists($"/proc/{pid}"), $"{pid} is still there"));
    }

    private async Task DisturbAsync(NativeEdge edge, ChaosSettings settings, CancellationToken stop)
    {
        var random = new Random(settings.Seed);
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < settings.Length)
        {
            double at = clock.Elapsed.TotalSeconds;
            string what = await DisturbOnceAsync(edge, random, stop);
            _log.Add(string.Create(CultureInfo.InvariantCulture, $"{at:0.0} s: {what}"));
            await edge.HealthyAsync(_count);
        }
    }

    private async Task<string> DisturbOnceAsync(NativeEdge edge, Random random, CancellationToken stop)
    {
        int[] children = See(edge);
        int victim = children[random.Next(children.Length)];
        int action = random.Next(4);
        if (action == 0)
        {
            await SignalAsync("KILL", victim);
            await Quiet.UntilAsync(() => !edge.Children().Contains(victim), "the balancer takes notice of its end");
            return $"killed {victim}";
        }

        if (action == 1)
        {
            TimeSpan lasts = TimeSpan.FromMilliseconds(random.Next(200, 3000));
            await SignalAsync("STOP", victim);
            await Schedule.PassAsync(lasts, stop);
            await SignalAsync("CONT", victim);
            return $"stopped {victim} for {lasts.TotalMilliseconds:0} ms";
        }

        if (_count == Fewest || (_count < Most && action == 2))
        {
            Message added = await edge.AskAsync("POST", "/add", "{\"n\": 1, \"hostnames\": []}");
            Assert.True(added.Status == 200, added.Text);
            _count++;
            return "added one";
        }

        JsonElement[] names =
            [.. JsonDocument.Parse((await edge.AskAsync("GET", "/rep")).Text).RootElement.GetProperty("message").GetProperty("replicas").EnumerateArray()];
        string name = names[random.Next(names.Length)].GetString()!;
        Message removed = await edge.AskAsync("DELETE", "/rm", $"{{\"n\": 1, \"hostnames\": [\"{name}\"]}}");
        Assert.True(removed.Status == 200, removed.Text);
        _count--;
        return $"removed {name}";
    }

    private int[] See(NativeEdge edge)
    {
        int[] children = edge.Children();
        _seen.UnionWith(children);
        return children;
    }

    private static async Task SignalAsync(string signal, int pid)
    {
        using Process kill = Process.Start("kill", [$"-{signal}", pid.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }
}
