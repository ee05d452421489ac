using Edge.Tests.Backends;

namespace Edge.Tests.Proxy;

/// <summary>Interim answers: how many there may be, and what they say about the time (RFC 9110 §15.2).</summary>
public sealed class InterimTests
{
    private const string Processing = "HTTP/1.1 102 Processing\r\n\r\n";
    private const string Post = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi";

    [Theory]
    [InlineData(17)]
    [InlineData(700)]
    public async Task Every_interim_response_is_passed_on_no_matter_how_many_there_are(int count)
    {
        await using var balancer = new TestBalancer(
            s => s with { Forwarding = new() { Via = "" } },
            null, new Backend(Scripts.Always(string.Concat(Enumerable.Repeat(Processing, count)) + Scripts.Ok)));
        using Wire client = await balancer.ConnectAsync();
        for (int round = 0; round < 2; round++)
        {
            await client.SendAsync("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
            for (int i = 0; i < count; i++)
            {
                Assert.Equal(Processing, await client.ReadHeadAsync());
            }

            Assert.Equal(200, (await client.ReadMessageAsync()).Status);
        }

        Assert.Equal((0, 2), (balancer.Replicas[0].Totals().Failures, balancer.Replicas[0].Totals().Requests));
    }

    [Fact]
    public async Task A_client_that_reads_no_interim_response_stops_the_replica_from_sending()
    {
        // Far more than the kernel's buffers take, from a replica that goes on as long as it is read from.
        long sent = 0;
        var stuck = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var backend = new Backend(async wire =>
        {
            await wire.ReadHeadAsync();
            byte[] many = System.Text.Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(Processing, 1_000)));
            wire.Socket.Blocking = false;
            for (int idle = 0; idle < 20;)
            {
                int got = wire.Socket.Send(many, 0, many.Length, System.Net.Sockets.SocketFlags.None, out System.Net.Sockets.SocketError error);
                sent += got;
                idle = error == System.Net.Sockets.SocketError.WouldBlock ? idle + 1 : 0;
                await Task.Delay(idle > 0 ? 20 : 0);
            }

            stuck.SetResult();
            await wire.ReadToEndAsync();
        });
        await using var balancer = new TestBalancer(s => s with { Loops = 1 }, null, backend);
        using (Wire client = await balancer.ConnectAsync())
        {
            await client.SendAsync("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
            await stuck.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);

            // The loop has others to serve meanwhile.
            Assert.Equal(200, (await balancer.GetAsync("/heartbeat")).Status);
            Assert.True(sent > 0);
            client.Reset();
        }

        await Quiet.UntilAsync(() => balancer.Replicas[0].Totals().InFlight == 0, "it is over");
    }

    [Theory]
    [InlineData("102 Processing")]
    [InlineData("103 Early Hints")]
    public async Task Each_interim_response_begins_the_time_for_the_answer_anew(string status)
    {
        await using var balancer = new TestBalancer(
            s => s with { Timeouts = new() { ResponseHead = TimeSpan.FromMilliseconds(800) } }, null, new Backend(async wire =>
            {
                await wire.ReadMessageAsync();
                for (int i = 0; i < 5; i++)
                {
                    await wire.SendAsync($"HTTP/1.1 {status}\r\n\r\n");
                    await Task.Delay(300);
                }

                await wire.SendAsync(Scripts.Ok);
            }));
        using Wire client = await balancer.ConnectAsync();
        await client.SendAsync(Post);
        for (int i = 0; i < 5; i++)
        {
            Assert.StartsWith($"HTTP/1.1 {status}", await client.ReadHeadAsync(), StringComparison.Ordinal);
        }

        Assert.Equal(200, (await client.ReadMessageAsync()).Status);
    }

    [Theory]
    [InlineData("")]
    [InlineData("HTTP/1.1 100 Continue\r\n\r\n")]
    public async Task A_replica_that_says_nothing_or_only_what_nobody_asked_for_has_the_time_once(string said)
    {
        await using var balancer = new TestBalancer(
            s => s with { Timeouts = new() { ResponseHead = TimeSpan.FromMilliseconds(600) } }, null, new Backend(async wire =>
            {
                await wire.ReadMessageAsync();
                Task end = wire.ReadToEndAsync();
                while (!end.IsCompleted && said.Length > 0)
                {
                    await wire.SendAsync(said);
                    await Task.WhenAny(end, Task.Delay(100));
                }

                await end;
            }));
        Assert.Equal(504, (await balancer.AskAsync(Post)).Status);
    }
}
