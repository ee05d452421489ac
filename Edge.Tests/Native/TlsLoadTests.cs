using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Edge.Tests.Backends;
using Edge.Tests.Tls;

namespace Edge.Tests.Native;

/// <summary>The published binary with TLS, under load and under attack.</summary>
[Collection(nameof(Alone))]
public sealed class TlsLoadTests
{
    private const int Attackers = 5_000;
    private const int Kept = 2_048;
    private const string Get = "GET /home HTTP/1.1\r\nHost: example.org\r\n\r\n";

    [Fact]
    public async Task Requests_over_TLS_allocate_nothing_and_collect_nothing()
    {
        await using HttpsEdge edge = await HttpsEdge.StartAsync();
        await LoadAsync(edge, seconds: 2);
        JsonElement before = await edge.StatusAsync(), after;
        do
        {
            await LoadAsync(edge, seconds: 5);
            after = await edge.StatusAsync();
        }
        while (Sum(after, "requests") - Sum(before, "requests") < 200_000);

        long allocated = Sum(after, "allocatedBytes") - Sum(before, "allocatedBytes");
        long requests = Sum(after, "requests") - Sum(before, "requests");
        Say($"{requests} requests: {allocated} bytes allocated by the loops, {Collections(after) - Collections(before)} collections");

        // What remains is of the connections, which wrk makes anew with each run, and of the status calls.
        Assert.InRange(allocated, 0, 64 * 1024);
        Assert.Equal(0, Collections(after) - Collections(before));
    }

    // EDGE_TLS_HANDSHAKES asks for more of them, as 1000000.
    [Fact]
    public async Task Memory_does_not_grow_with_the_number_of_handshakes()
    {
        int wanted = int.Parse(Environment.GetEnvironmentVariable("EDGE_TLS_HANDSHAKES") ?? "20000", CultureInfo.InvariantCulture);
        await using HttpsEdge edge = await HttpsEdge.StartAsync();
        await ShakeAsync(edge, wanted / 4);
        long before = edge.Process.MemoryKib("RssAnon");
        long had = Sum(await edge.StatusAsync(), "requests");
        await ShakeAsync(edge, wanted);
        long after = edge.Process.MemoryKib("RssAnon");
        Say($"{Sum(await edge.StatusAsync(), "requests") - had} connections with a full handshake each: {before} KiB of its own before, {after} KiB after");

        // 20,000 sessions that were kept would be 270 MB.
        Assert.InRange(after - before, long.MinValue, 4 * 1024);
    }

    [Theory]
    [InlineData("that say nothing", 0)]
    [InlineData("that say half of their first message", 40)]
    public async Task Five_thousand_clients_that_stop_in_the_handshake_do_not_keep_another_from_being_served(string what, int helloBytes)
    {
        // Of one address there are 256 at most; from so many, the oldest ends for each that is too many.
        await using HttpsEdge edge = await HttpsEdge.StartAsync(
            ("Timeouts:TlsHandshake", "00:00:20"), ("Overload:Connections", $"{Attackers + 1_000}"), ("Overload:HandshakesPerClient", "0"));
        using Wire client = await edge.ConnectAsync();
        await client.MeasureAsync(Get, 1_000);
        double before = await client.MeasureAsync(Get, 5_000);
        long memory = edge.Process.MemoryKib("VmRSS");
        byte[] hello = [0x16, 3, 1, 2, 0, 1, 0, 1, 0xFC, 3, 3, .. new byte[64]];
        var attackers = new List<Socket>(Attackers);
        try
        {
            for (int i = 0; i < Attackers; i++)
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                attackers.Add(socket);
                socket.Bind(new IPEndPoint(new IPAddress([127, 0, 0, (byte)(2 + i % 8)]), 0));
                await socket.ConnectAsync(edge.Endpoint, TestContext.Current.CancellationToken);
                await socket.SendAsync(hello.AsMemory(0, helloBytes));
            }

            double during = await client.MeasureAsync(Get, 5_000);
            using (Wire newcomer = await edge.ConnectAsync())
            {
                await newcomer.MeasureAsync(Get, 1);
            }

            long peak = edge.Process.MemoryKib("VmHWM");
            Say($"{Attackers} clients {what}: p99 {before:0} us without, {during:0} us with; resident {memory} KiB before, {peak} KiB at most");

            // Edge:Overload:Handshakes of them are kept, with a session and its buffers each where they have said something.
            Assert.InRange(peak - memory, 0, helloBytes == 0 ? 16 * 1024 : Kept * 60);
            await Quiet.UntilAsync(() => attackers.Count(IsOver) >= Attackers - Kept, "those that are too many have ended");
        }
        finally
        {
            attackers.ForEach(s => s.Dispose());
        }
    }

    [Fact]
    public async Task A_flood_of_full_handshakes_from_one_address_lets_others_be_served()
    {
        await using HttpsEdge edge = await HttpsEdge.StartAsync();
        using Wire client = await edge.ConnectAsync();
        await client.MeasureAsync(Get, 1_000);
        double before = await client.MeasureAsync(Get, 10_000);
        double during;
        long had = Sum(await edge.StatusAsync(), "requests");
        using (Process flood = Wrk(edge, seconds: 30, connections: 64, closes: true))
        {
            during = await client.MeasureAsync(Get, 5_000);
            flood.Kill();
            await flood.WaitForExitAsync();
        }

        long handshakes = Sum(await edge.StatusAsync(), "requests") - had - 5_000;
        Say($"a flood of {handshakes} handshakes: p99 of a kept connection {before:0} us without, {during:0} us with ({during / before:0.0} times)");
        Assert.InRange(handshakes, 100, long.MaxValue);
        await client.MeasureAsync(Get, 1_000);
    }

    [Fact]
    public async Task Renegotiation_is_refused()
    {
        await using HttpsEdge edge = await HttpsEdge.StartAsync();

        // A line of R alone has the program shake hands again.
        string all = await SClient.RunAsync(edge.Endpoint, "R\n", "-tls1_2");
        Assert.Contains("Protocol  : TLSv1.2", all, StringComparison.Ordinal);
        Assert.Contains("RENEGOTIATING", all, StringComparison.Ordinal);
        Assert.Contains("no renegotiation", all, StringComparison.Ordinal);
        using Wire other = await edge.ConnectAsync();
        await other.MeasureAsync(Get, 1);
    }

    private static void Say(string text) => TestContext.Current.TestOutputHelper!.WriteLine(text);

    private static bool IsOver(Socket socket) => socket.Poll(0, SelectMode.SelectRead);

    private static Process Wrk(HttpsEdge edge, int seconds, int connections, bool closes) => Process.Start(new ProcessStartInfo(
        "wrk", ["-t1", $"-c{connections}", $"-d{seconds}", .. closes ? ["-H", "Connection: close"] : Array.Empty<string>(), $"https://{edge.Endpoint}/home"])
    {
        RedirectStandardOutput = true,
    })!;

    private static async Task LoadAsync(HttpsEdge edge, int seconds, int connections = 64, bool closes = false)
    {
        using Process wrk = Wrk(edge, seconds, connections, closes);
        string report = await wrk.StandardOutput.ReadToEndAsync();
        await wrk.WaitForExitAsync();
        Assert.Contains("requests in", report);
        Assert.DoesNotContain("Non-2xx", report);
        Assert.DoesNotContain("Socket errors", report);
    }

    // wrk shakes hands in full for each connection.
    private static async Task ShakeAsync(HttpsEdge edge, int wanted)
    {
        long had = Sum(await edge.StatusAsync(), "requests");
        while (Sum(await edge.StatusAsync(), "requests") - had < wanted)
        {
            await LoadAsync(edge, seconds: 5, connections: 16, closes: true);
        }
    }

    private static long Collections(JsonElement status) =>
        status.GetProperty("process").GetProperty("collections").EnumerateArray().Sum(g => g.GetInt64());

    private static long Sum(JsonElement status, string figure) =>
        status.GetProperty("loops").EnumerateArray().Sum(l => l.GetProperty(figure).GetInt64());
}
