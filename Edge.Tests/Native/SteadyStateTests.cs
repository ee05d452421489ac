using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Edge.Io;

namespace Edge.Tests.Native;

// Measures the whole process, so nothing else may run beside it.
[Collection(nameof(Alone))]
public partial class SteadyStateTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_request_costs_a_reading_and_a_writing_a_side_and_a_share_of_the_wait(bool batches)
    {
        await using NativeEdge edge = await NativeEdge.StartWithReplicasAsync(3, ("IoUring", batches ? "true" : "false"));
        await LoadAsync(edge, seconds: 1);
        string summary = Path.GetTempFileName();
        JsonElement before = await edge.StatusAsync();
        using SocketRing? ring = SocketRing.TryCreate(out _);
        bool isBatched = batches && ring is not null;
        Assert.All(before.GetProperty("loops").EnumerateArray(), l => Assert.Equal(isBatched, l.GetProperty("ioUring").GetBoolean()));
        using (Process strace =
            Process.Start(new ProcessStartInfo("strace", ["-f", "-c", "-o", summary, "-p", $"{edge.Pid}"]) { RedirectStandardError = true })!)
        {
            // It says so on its standard error when it has attached.
            Assert.Contains("attached", await strace.StandardError.ReadLineAsync());
            Task drained = strace.StandardError.ReadToEndAsync();
            await LoadAsync(edge, seconds: 4);
            using Process interrupt = Process.Start("kill", ["-INT", $"{strace.Id}"]);
            await strace.WaitForExitAsync();
            await drained;
        }

        long requests = Requests(await edge.StatusAsync()) - Requests(before);
        string total = File.ReadLines(summary).Last(l => l.EndsWith("total", StringComparison.Ordinal));
        long calls = long.Parse(Numbers().Matches(total)[3].Value, CultureInfo.InvariantCulture);
        File.Delete(summary);
        double each = (double)calls / requests;
        TestContext.Current.TestOutputHelper!.WriteLine($"{calls} system calls for {requests} requests: {each:0.000} each");
        Assert.InRange(requests, 5_000, long.MaxValue);

        // The two writings go out with those of others, where the kernel has io_uring.
        (double atLeast, double atMost) = isBatched ? (2.0, 2.6) : (4.0, 4.2);
        Assert.InRange(each, atLeast, atMost);
    }

    [Theory]
    [InlineData(false, 1_000_000)]
    [InlineData(true, 300_000)]
    public async Task Requests_allocate_nothing_and_collect_nothing_logged_and_traced_or_not(bool everything, long requests)
    {
        (string, string)[] options = everything
            ? [("AccessLog:Format", "Json"), ("AccessLog:File", "/dev/null"), ("Forwarding:RequestId", "Make"), ("Forwarding:StartTraces", "true")]
            : [];

        // Health checks leave 6 KB a second behind, which a slow machine has more of for the same requests.
        await using NativeEdge edge = await NativeEdge.StartWithReplicasAsync(3, [.. options, ("Health:Interval", "01:00:00")]);
        await LoadAsync(edge, seconds: 2);
        JsonElement before = await edge.StatusAsync();
        JsonElement after;
        do
        {
            await LoadAsync(edge, seconds: 10);
            after = await edge.StatusAsync();
        }
        while (Requests(after) - Requests(before) < requests);

        long allocated = Allocated(after) - Allocated(before);
        long collections = Collections(after) - Collections(before);
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"{Requests(after) - Requests(before)} requests: {allocated} bytes allocated by the loops, {collections} collections");

        // What remains is not of the requests: wrk's connections come anew with each run, and each status call is
        // handed to the control plane in a few objects.
        Assert.InRange(allocated, 0, 64 * 1024);
        Assert.Equal(0, collections);
    }

    private static async Task LoadAsync(NativeEdge edge, int seconds)
    {
        using Process wrk = Process.Start(new ProcessStartInfo("wrk", ["-t1", "-c64", $"-d{seconds}", $"http://{edge.Endpoint}/home"])
        {
            RedirectStandardOutput = true,
        })!;
        string report = await wrk.StandardOutput.ReadToEndAsync();
        await wrk.WaitForExitAsync();
        Assert.Contains("requests in", report);
        Assert.DoesNotContain("Non-2xx", report);
        Assert.DoesNotContain("Socket errors", report);
    }

    private static long Requests(JsonElement status) => Sum(status, "requests");

    private static long Allocated(JsonElement status) => Sum(status, "allocatedBytes");

    private static long Collections(JsonElement status) =>
        status.GetProperty("process").GetProperty("collections").EnumerateArray().Sum(g => g.GetInt64());

    private static long Sum(JsonElement status, string figure) =>
        status.GetProperty("loops").EnumerateArray().Sum(l => l.GetProperty(figure).GetInt64());

    [GeneratedRegex(@"[\d.]+")]
    private static partial Regex Numbers();
}

[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
