using System.Diagnostics;
using System.Globalization;
using Edge.Tests.Backends;

namespace Edge.Tests.Native;

[Collection(nameof(Alone))]
public class ChurnTests
{
    private const int Connections = 64;
    private const int Rounds = 1000;

    [Fact]
    public async Task A_thousand_additions_and_removals_under_load_lose_nothing_and_leave_nothing()
    {
        await using NativeEdge edge = await NativeEdge.StartWithReplicasAsync(3);
        using var stop = new CancellationTokenSource();
        Task<long>[] clients = [.. Enumerable.Range(0, Connections).Select(c => AskUntilAsync(edge, c, stop.Token))];
        var duration = Stopwatch.StartNew();
        (int Descriptors, long Kib) early = default;
        for (int i = 1; i <= Rounds && !clients.Any(c => c.IsCompleted); i++)
        {
            Message added = await edge.AskAsync("POST", "/add", "{\"n\": 1, \"hostnames\": [\"passenger\"]}");
            Assert.True(added.Status == 200, $"round {i}: {added.Text}\n{edge.Output}");
            Message removed = await edge.AskAsync("DELETE", "/rm", "{\"n\": 1, \"hostnames\": [\"passenger\"]}");
            Assert.True(removed.Status == 200, $"round {i}: {removed.Text}\n{edge.Output}");
            if (i == 100)
            {
                early = (edge.Descriptors(), edge.MemoryKib("VmRSS"));
            }
        }

        string managed = (await edge.StatusAsync()).GetProperty("process").ToString();
        await stop.CancelAsync();
        long answered = (await Task.WhenAll(clients)).Sum();
        await Quiet.UntilAsync(() => edge.Descriptors() <= early.Descriptors, "no descriptor is left behind");
        (int Descriptors, long Kib) late = (edge.Descriptors(), edge.MemoryKib("VmRSS"));
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"{Rounds} rounds in {duration.Elapsed.TotalSeconds:0} s, {answered} requests answered, none lost; "
            + $"descriptors {early.Descriptors} after 100 rounds, {late.Descriptors} at the end; resident {early.Kib} and {late.Kib} KiB; {managed}");
        Assert.Equal(3, edge.Children().Length);

        // The managed heap takes some hundred rounds to find its size, 5 MB above that of the hundredth, and then breathes.
        // A leak of ten bytes a request, or of eleven kilobytes a round, would be more than this.
        Assert.InRange(late.Kib, 1, early.Kib + 10 * 1024);
    }

    // The built-in replica's answer to an unknown path names the path: each answer has to be that of its own request.
    private static async Task<long> AskUntilAsync(NativeEdge edge, int client, CancellationToken stop)
    {
        using Wire wire = await Wire.ConnectAsync(edge.Endpoint, TimeSpan.FromMinutes(10));
        long answered = 0;
        while (!stop.IsCancellationRequested)
        {
            string path = string.Create(CultureInfo.InvariantCulture, $"/of-{client}-number-{answered}");
            await wire.SendAsync($"GET {path} HTTP/1.1\r\nHost: h\r\n\r\n");
            Message answer = await wire.ReadMessageAsync();
            Assert.True(answer.Status == 404, answer.Head + answer.Text);
            Assert.Contains($"'{path}'", answer.Text);
            answered++;
        }

        return answered;
    }
}
