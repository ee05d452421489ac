using System.Net.Sockets;
using Edge.Config;
using Edge.Tests.Backends;

namespace Edge.Tests.Proxy;

/// <summary>Each limit of a client's connection: what is just allowed, what is just too much, and what the client then gets.</summary>
public sealed class LimitTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";

    [Theory]
    [InlineData(64, 2, 0, 200)]
    [InlineData(65, 2, 0, 414)]
    [InlineData(2000, 2, 0, 414)]
    [InlineData(1, 8, 0, 200)]
    [InlineData(1, 9, 0, 431)]
    [InlineData(1, 2, 1024, 200)]
    [InlineData(1, 2, 1025, 431)]
    [InlineData(1, 2, 5000, 431)]
    [InlineData(65, 9, 5000, 414)]
    public async Task A_head_is_bounded_however_it_is_split(int targetBytes, int fields, int headBytes, int status)
    {
        await using TestBalancer balancer = Balancer(new LimitOptions { HeadBytes = 1024, HeaderFields = 8, TargetBytes = 64 });
        string head = $"GET /{new string('t', targetBytes - 1)} HTTP/1.1\r\nHost: h\r\n{string.Concat(Enumerable.Repeat("A: b\r\n", fields - 2))}Pad: ";
        head += new string('p', Math.Max(0, headBytes - head.Length - 4)) + "\r\n\r\n";
        foreach (int piece in new[] { head.Length, head.Length - 1, head.Length / 2, 7 })
        {
            using Wire client = await balancer.ConnectAsync();
            Task<Message> answer = client.ReadMessageAsync();
            try
            {
                for (int at = 0; at < head.Length; at += piece)
                {
                    await client.SendAsync(head[at..Math.Min(head.Length, at + piece)]);
                }
            }
            catch (SocketException e) when (status != 200 && e.SocketErrorCode is SocketError.ConnectionReset or SocketError.Shutdown)
            {
                // Refused in the middle, as it may be.
            }

            Message got = await answer;
            Assert.Equal((status, status == 200 ? null : "close"), (got.Status, got.Field("Connection")));
        }

        Assert.Equal(status == 200 ? 4 : 0, balancer.Replicas[0].Totals().Requests);
    }

    [Fact]
    public async Task A_body_of_known_length_that_is_too_large_is_refused_before_a_replica_sees_it()
    {
        await using TestBalancer balancer = Balancer(new LimitOptions { BodyKiB = 2 });
        Assert.Equal(200, (await balancer.AskAsync($"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2048\r\n\r\n{new string('b', 2048)}")).Status);
        Message refused = await balancer.AskAsync("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2049\r\n\r\n");
        Assert.Equal((413, "close"), (refused.Status, refused.Field("Connection")));
        Assert.Equal(1, balancer.Replicas[0].Totals().Requests);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(100)]
    [InlineData(2048)]
    public async Task A_body_in_chunks_is_refused_where_it_becomes_too_large(int chunk)
    {
        var cut = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var balancer = new TestBalancer(s => s with { Loops = 1, Limits = new() { BodyKiB = 2 } }, null, new Backend(async wire =>
        {
            try
            {
                await Scripts.Echo(wire);
            }
            finally
            {
                cut.TrySetResult();
            }
        }));
        const string Head = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
        string body = string.Concat(Enumerable.Range(0, 2048 / chunk).Select(_ => $"{chunk:x}\r\n{new string('b', chunk)}\r\n"));
        int rest = 2048 % chunk;
        body += rest > 0 ? $"{rest:x}\r\n{new string('b', rest)}\r\n" : "";
        Message allowed = await balancer.AskAsync(Head + body + "0\r\n\r\n");
        Assert.Equal(200, allowed.Status);
        Assert.EndsWith(new string('b', 2048) + "\r\n", allowed.Text);
        Message refused = await balancer.AskAsync(Head + body + "1\r\nb\r\n0\r\n\r\n");
        Assert.Equal((413, "close"), (refused.Status, refused.Field("Connection")));
        await cut.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task The_last_request_that_a_connection_may_have_is_told_so()
    {
        await using TestBalancer balancer = Balancer(new LimitOptions { RequestsPerConnection = 3 });
        foreach (string request in new[] { Get, "GET /heartbeat HTTP/1.1\r\nHost: h\r\n\r\n", "GET /rep HTTP/1.1\r\nHost: h\r\n\r\n" })
        {
            using Wire client = await balancer.ConnectAsync();
            for (int i = 1; i <= 3; i++)
            {
                await client.SendAsync(request);
                Message answer = await client.ReadMessageAsync();
                Assert.Equal((200, i == 3), (answer.Status, answer.Field("Connection") == "close"));
            }

            Assert.Equal("", await client.ReadToEndAsync());
        }
    }

    [Fact]
    public async Task A_client_that_sends_too_many_requests_ahead_gets_so_many_answers()
    {
        await using TestBalancer balancer = Balancer(new LimitOptions { Pipelined = 4 });
        using Wire client = await balancer.ConnectAsync();
        await client.SendAsync(string.Concat(Enumerable.Repeat(Get, 100)));
        for (int i = 1; i <= 5; i++)
        {
            // One that nothing was before, and four that were sent ahead.
            Message answer = await client.ReadMessageAsync();
            Assert.Equal((200, i == 5), (answer.Status, answer.Field("Connection") == "close"));
        }

        Assert.Equal("", await client.ReadToEndAsync());
        Assert.Equal(5, balancer.Replicas[0].Totals().Requests);
    }

    [Fact]
    public async Task A_client_that_waits_for_its_answers_may_send_as_many_requests_as_it_likes()
    {
        await using TestBalancer balancer = Balancer(new LimitOptions { Pipelined = 1 });
        using Wire client = await balancer.ConnectAsync();
        for (int i = 0; i < 50; i++)
        {
            await client.SendAsync(Get);
            Message answer = await client.ReadMessageAsync();
            Assert.Equal((200, null), (answer.Status, answer.Field("Connection")));
        }
    }

    [Fact]
    public async Task Nothing_more_is_read_of_what_a_client_sends_ahead_than_one_read_takes()
    {
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var balancer = new TestBalancer(s => s with { Loops = 1 }, null, new Backend(async wire =>
        {
            await wire.ReadMessageAsync();
            arrived.TrySetResult();
            await open.Task;
            await wire.SendAsync(Scripts.Ok);
        }));
        using Wire client = await balancer.ConnectAsync();
        await client.SendAsync(Get);
        await arrived.Task;
        long sent = 0;
        using var stop = new CancellationTokenSource();
        Task sending = SendUntilAsync(client.Socket, n => Volatile.Write(ref sent, n), stop.Token);
        await Quiet.WhileAsync(() => Volatile.Read(ref sent), TimeSpan.FromMilliseconds(300));

        // What the kernel holds on both sides, and no more.
        TestContext.Current.TestOutputHelper!.WriteLine($"{sent} bytes were taken ahead of an answer");
        Assert.False(sending.IsCompleted);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);
        open.SetResult();
        Assert.Equal(200, (await client.ReadMessageAsync()).Status);
    }

    [Fact]
    public async Task A_client_that_does_not_read_its_answer_is_cut()
    {
        var backend = new Backend(async wire =>
        {
            await wire.ReadMessageAsync();
            await wire.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n");
            byte[] piece = new byte[64 * 1024];
            while (true)
            {
                await wire.SendAsync(piece);
            }
        });
        await using var balancer = new TestBalancer(s => s with { Loops = 1, Timeouts = new() { BodyIdle = TimeSpan.FromMilliseconds(200) } }, null, backend);
        using Wire client = await balancer.ConnectAsync();
        await client.SendAsync(Get);
        await Quiet.UntilAsync(() => balancer.Replicas[0].Totals().InFlight == 1, "it is being answered");
        await Quiet.UntilAsync(() => balancer.Plane.Report()[0].Connections == 0, "the client is cut");
        Assert.Equal(0, balancer.Replicas[0].Totals().InFlight);
        byte[] some = new byte[64 * 1024];
        await Assert.ThrowsAsync<SocketException>(async () =>
        {
            while (true)
            {
                Assert.NotEqual(0, await client.ReadSomeAsync(some));
            }
        });
    }

    [Fact]
    public async Task A_client_that_does_not_read_the_end_of_its_answer_is_cut()
    {
        // The replica is done with it at once: what the kernel does not take waits in the balancer.
        string body = new('x', 1500);
        await using var balancer = new TestBalancer(
            s => s with { Loops = 1, Timeouts = new() { ClientIdle = TimeSpan.FromMilliseconds(200), BodyIdle = TimeSpan.FromMilliseconds(200) } }, null,
            new Backend(Scripts.Always($"HTTP/1.1 200 OK\r\nContent-Length: {body.Length}\r\n\r\n{body}")));
        using Wire client = await balancer.ConnectAsync();
        client.Socket.ReceiveBufferSize = 1;
        using var stop = new CancellationTokenSource();
        Task sending = SendUntilAsync(client.Socket, _ => { }, stop.Token);
        await Quiet.UntilAsync(() => balancer.Plane.Report()[0].Connections == 0, "the client is cut");
        await Assert.ThrowsAsync<SocketException>(() => sending);
    }

    private static async Task SendUntilAsync(Socket socket, Action<long> note, CancellationToken stop)
    {
        byte[] requests = System.Text.Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(Get, 100)));
        for (long sent = 0; ;)
        {
            sent += await socket.SendAsync(requests.AsMemory((int)(sent % requests.Length)), stop);
            note(sent);
        }
    }

    private static TestBalancer Balancer(LimitOptions limits) => new(s => s with { Loops = 1, Limits = limits }, null, new Backend(Scripts.Echo));
}
