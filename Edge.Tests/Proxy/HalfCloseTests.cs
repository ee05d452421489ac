using Edge.Telemetry;
using Edge.Tests.Backends;

namespace Edge.Tests.Proxy;

/// <summary>Clients that have sent the end of their direction: some have left, and some read on.</summary>
public sealed class HalfCloseTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
    private const string GetAndClose = "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
    private const string Post = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\norder";

    private static readonly TimeSpan s_grace = TimeSpan.FromMilliseconds(300);

    [Theory]
    [InlineData(Get, "")]
    [InlineData(GetAndClose, "")]
    [InlineData("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n", "")]
    [InlineData("OPTIONS / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi", "")]
    [InlineData(Get, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")]
    [InlineData(Get, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n")]
    public async Task A_request_that_changes_nothing_is_called_off_when_nothing_more_comes_of_it(string request, string answer)
    {
        await using TestBalancer balancer = Balancer(s_grace, out Task<string> ended, request.Length - 10, answer);
        using Wire client = await balancer.ConnectAsync();
        await client.SendAsync(request);
        client.Finish();
        await ended.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        await Quiet.UntilAsync(() => balancer.Plane.Figures(0).Requests.Failures[(int)Reason.ClientGone] == 1, "the request is called off");
        await Quiet.UntilAsync(() => balancer.Replicas[0].Totals().InFlight == 0, "nothing is in flight");
        Assert.Equal(0, balancer.Replicas[0].Totals().Failures);
        string got = await client.ReadToEndAsync();
        Assert.Equal(answer.Length > 0, got.Contains("half", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_answer_that_only_the_end_delimits_does_not_look_whole_then()
    {
        await using TestBalancer balancer = Balancer(s_grace, out Task<string> _, Get.Length, "HTTP/1.1 200 OK\r\n\r\nhalf");
        using Wire client = await balancer.ConnectAsync();
        await client.SendAsync(Get);
        client.Finish();
        await client.ReadHeadAsync();
        Assert.Equal("half"u8.ToArray(), await client.ReadExactlyAsync(4));
        await Assert.ThrowsAsync<System.Net.Sockets.SocketException>(client.ReadToEndAsync);
    }

    [Fact]
    public async Task A_client_that_reads_on_is_served_as_long_as_something_comes_for_it()
    {
        const int Pieces = 12;
        await using var balancer = new TestBalancer(s => s with { Loops = 1, Forwarding = new() { HalfCloseGrace = s_grace } }, null, new Backend(async wire =>
        {
            await wire.ReadHeadAsync();
            await Task.Delay(s_grace / 3);
            await wire.SendAsync("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
            for (int i = 0; i < Pieces; i++)
            {
                await Task.Delay(s_grace / 3);
                await wire.SendAsync("5\r\npiece\r\n");
            }

            await wire.SendAsync("0\r\n\r\n");
        }));
        using Wire client = await balancer.ConnectAsync();
        await client.SendAsync(Get);
        client.Finish();
        Assert.Equal(Pieces * "piece".Length, (await client.ReadMessageAsync()).Body.Length);
    }

    /// <summary>What waits for it to read is no silence of the replica: that it takes too long is for the time of a body.</summary>
    [Fact]
    public async Task A_client_that_rests_with_its_answer_before_it_is_served()
    {
        const int Length = 30_000_000;
        await using var balancer = new TestBalancer(s => s with { Loops = 1, Forwarding = new() { HalfCloseGrace = s_grace } }, null, new Backend(async wire =>
        {
            await wire.ReadHeadAsync();
            await wire.SendAsync($"HTTP/1.1 200 OK\r\nContent-Length: {Length}\r\n\r\n");
            await wire.SendAsync(new byte[Length]);
        }));

        // So much takes its time on a machine that has other things to do.
        using Wire client = await Wire.ConnectAsync(balancer.Plane.Endpoint, TimeSpan.FromMinutes(2));
        await client.SendAsync(Get);
        client.Finish();
        await Task.Delay(s_grace * 3, TestContext.Current.CancellationToken);
        Assert.Equal(Length, (await client.ReadMessageAsync()).Body.Length);
    }

    [Theory]
    [InlineData(Post, 300)]
    [InlineData(Get, 0)]
    public async Task A_POST_waits_for_its_answer_and_so_does_every_request_if_the_options_say_so(string request, int graceMilliseconds)
    {
        var grace = TimeSpan.FromMilliseconds(graceMilliseconds);
        await using var balancer = new TestBalancer(s => s with { Loops = 1, Forwarding = new() { HalfCloseGrace = grace } }, null, new Backend(async wire =>
        {
            await wire.ReadMessageAsync();
            await Task.Delay(s_grace * 3);
            await wire.SendAsync(Scripts.Ok);
        }));
        using Wire client = await balancer.ConnectAsync();
        await client.SendAsync(request);
        client.Finish();
        Assert.Equal("ok", (await client.ReadMessageAsync()).Text);
    }

    [Fact]
    public async Task The_grace_of_a_request_that_waits_for_room_begins_when_it_has_room()
    {
        var open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        int connections = 0;
        var called = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var balancer = new TestBalancer(
            s => s with { Loops = 1, Forwarding = new() { HalfCloseGrace = s_grace }, Overload = s.Overload with { PerReplica = 1, Queue = 4 } },
            null, new Backend(async wire =>
            {
                if (Interlocked.Increment(ref connections) == 1)
                {
                    await wire.ReadMessageAsync();
                    await open.Task;
                    await wire.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok");
                    return;
                }

                await wire.ReadToEndAsync();
                called.SetResult();
            }));
        Task<Message> first = balancer.GetAsync();
        using Wire client = await balancer.ConnectAsync();
        await Quiet.UntilAsync(() => balancer.Replicas[0].Totals().InFlight == 1, "the first is on its way");
        await client.SendAsync(Get);
        client.Finish();
        await Quiet.UntilAsync(() => balancer.Plane.Report().Sum(r => r.Waiting) == 1, "it waits");
        open.SetResult();
        Assert.Equal(200, (await first).Status);
        await called.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        Assert.Equal(1, balancer.Plane.Figures(0).Requests.Failures[(int)Reason.ClientGone]);
    }

    // The replica reads a request, says so much, and waits until it is called off.
    /// <summary>The end may be known before the request that it follows has begun.</summary>
    [Fact]
    public async Task A_request_that_begins_after_the_end_has_come_has_the_same_grace()
    {
        int connections = 0;
        var isFinished = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var ended = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var balancer = new TestBalancer(s => s with { Loops = 1, Forwarding = new() { HalfCloseGrace = s_grace } }, null, new Backend(async wire =>
        {
            await wire.ReadHeadAsync();
            if (Interlocked.Increment(ref connections) == 1)
            {
                await isFinished.Task;
                await wire.SendAsync("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok");
                return;
            }

            ended.SetResult(await wire.ReadToEndAsync());
        }));
        using Wire client = await balancer.ConnectAsync();
        await client.SendAsync(Get + Get);
        client.Finish();
        isFinished.SetResult();
        Assert.Equal("", await ended.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken));
        await Quiet.UntilAsync(() => balancer.Plane.Figures(0).Requests.Failures[(int)Reason.ClientGone] == 1, "the request is called off");
        await Quiet.UntilAsync(() => balancer.Replicas[0].Totals().InFlight == 0, "nothing is in flight");
        Assert.Equal("ok", (await client.ReadMessageAsync()).Text);
    }

    private static TestBalancer Balancer(TimeSpan grace, out Task<string> ended, int requestBytes, string answer)
    {
        var end = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        ended = end.Task;
        return new TestBalancer(s => s with { Loops = 1, Forwarding = new() { HalfCloseGrace = grace } }, null, new Backend(async wire =>
        {
            await wire.ReadExactlyAsync(requestBytes);
            await wire.SendAsync(answer);
            end.SetResult(await wire.ReadToEndAsync());
        }));
    }
}
