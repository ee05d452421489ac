using System.Diagnostics;
using System.Net;
using Edge.Tests.Backends;

namespace Edge.Tests.Native;

public class SharesTests
{
    private const int Loops = 2;

    [Fact]
    public async Task Ten_thousand_requests_in_turn_are_shared_equally()
    {
        await using NativeEdge edge = await NativeEdge.StartWithReplicasAsync(3, ("Fleet:Pick", "RoundRobin"));
        Dictionary<string, int> shares = await CountAsync(edge, 10_000, connections: 64);
        TestContext.Current.TestOutputHelper!.WriteLine(string.Join(", ", shares.OrderBy(s => s.Key)));
        Assert.Equal(["server_1", "server_2", "server_3"], shares.Keys.Order());
        Assert.All(shares.Values, n => Assert.InRange(n, 3333 - Loops, 3334 + Loops));
    }

    // The default pick looks at what is in flight: with one request at a time nothing is, and the order is the same.
    [Theory]
    [InlineData("RoundRobin", 64)]
    [InlineData("LessLoaded", 1)]
    public async Task Weights_share_exactly_and_smoothly(string pick, int connections)
    {
        await using var backends = await NativeReplicas.StartAsync(3);
        await using NativeEdge edge = await NativeEdge.StartAsync(
            ("Fleet:Driver", "static"),
            ("Fleet:Pick", pick),
            ("Fleet:Addresses:0", $"{backends.Addresses[0]};weight=5"),
            ("Fleet:Addresses:1", $"{backends.Addresses[1]}"),
            ("Fleet:Addresses:2", $"{backends.Addresses[2]};weight=1"));
        Dictionary<string, int> shares = await CountAsync(edge, 7_000, connections);
        TestContext.Current.TestOutputHelper!.WriteLine(string.Join(", ", shares));
        int[] counts = [.. backends.Addresses.Select(a => shares.Single(s => s.Key == a.ToString()).Value)];
        Assert.InRange(counts[0], 5000 - Loops, 5000 + Loops);
        Assert.InRange(counts[1], 1000 - Loops, 1000 + Loops);
        Assert.InRange(counts[2], 1000 - Loops, 1000 + Loops);

        // One connection is one loop: there the order itself shows. a a b a c a a, wherever the loop stands in it.
        using Wire client = await edge.ConnectAsync();
        var order = new List<string>();
        for (int i = 0; i < 70; i++)
        {
            order.Add(await HomeAsync(client));
        }

        string letters = string.Concat(order.Select(n => "abc"[Array.FindIndex(backends.Addresses, a => a.ToString() == n)]));
        Assert.Contains(letters, string.Concat(Enumerable.Repeat("aabacaa", 12)));
    }

    private static async Task<Dictionary<string, int>> CountAsync(NativeEdge edge, int requests, int connections)
    {
        var shares = new Dictionary<string, int>();
        await Task.WhenAll(Enumerable.Range(0, connections).Select(async c =>
        {
            using Wire client = await edge.ConnectAsync();
            for (int i = c; i < requests; i += connections)
            {
                string replica = await HomeAsync(client);
                lock (shares)
                {
                    shares[replica] = shares.GetValueOrDefault(replica) + 1;
                }
            }
        }));
        return shares;
    }

    private static async Task<string> HomeAsync(Wire client)
    {
        await client.SendAsync("GET /home HTTP/1.1\r\nHost: h\r\n\r\n");
        Message answer = await client.ReadMessageAsync();
        Assert.Equal(200, answer.Status);
        return answer.Field("X-Edge-Replica")!;
    }
}

/// <summary>Built-in replicas of the native binary, run by the test itself.</summary>
internal sealed class NativeReplicas : IAsyncDisposable
{
    private readonly List<Process> _processes = [];

    /// <summary>In the order in which a balancer has them, which decides between replicas of the same weight.</summary>
    internal IPEndPoint[] Addresses { get; private set; } = [];

    internal static async Task<NativeReplicas> StartAsync(int count)
    {
        var replicas = new NativeReplicas();
        var addresses = new List<IPEndPoint>();
        for (int i = 1; i <= count; i++)
        {
            var process = Process.Start(new ProcessStartInfo(NativeEdge.Binary, ["replica", "--listen", "127.0.0.1:0", "--id", $"{i}"])
            {
                RedirectStandardOutput = true,
            })!;
            replicas._processes.Add(process);
            string line = await process.StandardOutput.ReadLineAsync() ?? "";
            Assert.StartsWith("listening ", line);
            addresses.Add(IPEndPoint.Parse(line["listening ".Length..]));
        }

        replicas.Addresses = [.. addresses.OrderBy(a => a.Port)];
        return replicas;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (Process process in _processes)
        {
            process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
        }
    }
}
