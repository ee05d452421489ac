using System.Net.Sockets;
using Edge.Tests.Backends;

namespace Edge.Tests.Proxy;

/// <summary>Answers that break off: the client gets all that was taken from the replica, and an end that shows that it is not the whole.</summary>
public sealed class CutAnswerTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
    private const string Get10 = "GET / HTTP/1.0\r\nHost: h\r\n\r\n";

    // More than the kernel's buffers and pipes have room for beside a client that reads slowly.
    private const int Sent = 400_000;

    // A client that takes little at a time, so that there is always something under way to it.
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(1);

    // For all of it: with a window that small, the kernel may send a few bytes at a time.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData(Get, "Content-Length: 500000", false)]
    [InlineData(Get, "Content-Length: 500000", true)]
    [InlineData(Get, "Transfer-Encoding: chunked", false)]
    [InlineData(Get, "Transfer-Encoding: chunked", true)]
    [InlineData(Get10, "Transfer-Encoding: chunked", false)]
    [InlineData(Get, "Connection: close", true)]
    public async Task A_slow_client_gets_all_of_it_before_the_end(string request, string field, bool resets)
    {
        bool isChunked = field.Contains("chunked", StringComparison.Ordinal);
        string answer = $"HTTP/1.1 200 OK\r\n{field}\r\n\r\n" + (isChunked ? $"{Sent:x}\r\n{new string('x', Sent)}\r\n" : new string('x', Sent));
        var taken = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var balancer = new TestBalancer(s => s with { Loops = 1 }, null, new Backend(async wire =>
        {
            await wire.ReadHeadAsync();
            await wire.SendAsync(answer);
            if (resets)
            {
                // A reset takes back what the balancer has not read.
                await taken.Task;
                wire.Reset();
            }
        }));
        Task resetting = resets ? ResetWhenTakenAsync() : Task.CompletedTask;
        (string got, bool wasReset) = await ReadSlowlyAsync(balancer, request);

        async Task ResetWhenTakenAsync()
        {
            try
            {
                await Quiet.UntilAsync(
                    () => Task.FromResult(balancer.Replicas[0].Figures().BytesReceived == answer.Length), "all is taken", s_patience);
            }
            finally
            {
                // Otherwise the backend, and with it the end of the test, would wait for ever.
                taken.SetResult();
            }
        }

        await resetting;

        // Where chunks or a length frame it, those show that it is cut, and the end is one in order; else only a reset does.
        bool isFramed = request == Get && field != "Connection: close";
        Assert.Equal((Sent, !isFramed), (got.Count(c => c == 'x'), wasReset));
        Assert.DoesNotContain("\r\n0\r\n", got, StringComparison.Ordinal);
    }

    /// <summary>Until the time runs out, the balancer has taken what its buffers and the kernel's pipe hold for a client that does not read.</summary>
    [Theory]
    [InlineData("Content-Length: 500000")]
    [InlineData("Transfer-Encoding: chunked")]
    [InlineData("Connection: close")]
    public async Task Bytes_that_the_balancer_holds_at_a_timeout_go_to_the_client_first(string field)
    {
        bool isChunked = field.Contains("chunked", StringComparison.Ordinal);
        await using var balancer = new TestBalancer(
            s => s with { Loops = 1, Timeouts = new() { Request = TimeSpan.FromMilliseconds(400) } }, null, new Backend(async wire =>
            {
                await wire.ReadHeadAsync();
                await wire.SendAsync($"HTTP/1.1 200 OK\r\n{field}\r\n\r\n");
                await wire.SendAsync(isChunked ? $"{Sent:x}\r\n{new string('x', Sent)}\r\n" : new string('x', Sent));
                await wire.ReadToEndAsync();
            }));
        using Wire client = await SmallAsync(balancer);
        await client.SendAsync(Get);
        await Quiet.UntilAsync(() => balancer.Plane.Figures(0).Requests.Failures[(int)Edge.Telemetry.Reason.RequestTimeout] == 1, "time has run out");
        long taken = balancer.Replicas[0].Figures().BytesReceived - $"HTTP/1.1 200 OK\r\n{field}\r\n\r\n".Length - (isChunked ? $"{Sent:x}\r\n".Length : 0);
        (string got, bool wasReset) = await ReadAsync(client, TimeSpan.Zero);
        int body = got.Count(c => c == 'x');
        Assert.Equal((taken, field == "Connection: close"), (body, wasReset));
        Assert.InRange(body, 1, Sent);
    }

    [Fact]
    public async Task The_good_bytes_before_malformed_chunks_go_to_the_client()
    {
        await using var balancer = new TestBalancer(s => s with { Loops = 1 }, null, new Backend(async wire =>
        {
            await wire.ReadHeadAsync();
            await wire.SendAsync("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhead\r\n");
            await wire.ReadExactlyAsync(2);
            await wire.SendAsync("5\r\nsound\r\nno size\r\n");
            await wire.ReadToEndAsync();
        }));
        using Wire client = await balancer.ConnectAsync();
        await client.SendAsync("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n");
        await client.ReadHeadAsync();
        await client.SendAsync("go");
        Assert.Equal("4\r\nhead\r\n5\r\nsound", await client.ReadToEndAsync());
        Assert.Equal(1, balancer.Replicas[0].Totals().Failures);
    }

    /// <summary>What reads nothing for so long gets no more, and holds nothing here.</summary>
    [Theory]
    [InlineData("Content-Length: 50000000")]
    [InlineData("Connection: close")]
    public async Task A_client_that_takes_nothing_is_not_waited_for(string field)
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var balancer = new TestBalancer(
            s => s with { Loops = 1, Timeouts = new() { BodyIdle = TimeSpan.FromSeconds(2) } }, null, new Backend(async wire =>
            {
                await wire.ReadHeadAsync();
                try
                {
                    await wire.SendAsync($"HTTP/1.1 200 OK\r\n{field}\r\n\r\n");
                    await wire.SendAsync(new byte[50_000_000]);
                }
                finally
                {
                    ended.TrySetResult();
                }
            }));
        using Wire client = await SmallAsync(balancer);
        await client.SendAsync(Get);
        await ended.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        await Quiet.UntilAsync(() => balancer.Plane.Report().Sum(r => r.Connections) == 0, "the client is gone");
        Assert.Equal(1, balancer.Plane.Figures(0).Requests.Failures[(int)Edge.Telemetry.Reason.ClientReadTimeout]);
    }

    private static async Task<(string Got, bool WasReset)> ReadSlowlyAsync(TestBalancer balancer, string request)
    {
        using Wire client = await SmallAsync(balancer);
        await client.SendAsync(request);
        return await ReadAsync(client, s_pause);
    }

    // Nearly all that is under way to it waits at the balancer's end.
    private static async Task<Wire> SmallAsync(TestBalancer balancer)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096 };
        await socket.ConnectAsync(balancer.Plane.Endpoint, TestContext.Current.CancellationToken);
        return new Wire(socket, TestContext.Current.CancellationToken, s_patience);
    }

    private static async Task<(string Got, bool WasReset)> ReadAsync(Wire client, TimeSpan pause)
    {
        var got = new System.Text.StringBuilder();
        byte[] some = new byte[2048];
        try
        {
            for (int read; (read = await client.ReadSomeAsync(some)) > 0;)
            {
                got.Append(System.Text.Encoding.Latin1.GetString(some, 0, read));
                await Task.Delay(pause, TestContext.Current.CancellationToken);
            }
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionReset)
        {
            return (got.ToString(), true);
        }

        return (got.ToString(), false);
    }
}
