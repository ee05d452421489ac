using Edge.Config;
using Edge.Proxy;
using Edge.Routing;
using Edge.Telemetry;
using Edge.Tests.Backends;

namespace Edge.Tests.Proxy;

/// <summary>A replica that answers at a request's head, does not say that it closes, and reads on gets all of the request (RFC 9112 §9.3).</summary>
public sealed class ReadingOnTests
{
    private const int Length = 300_000;
    private const string Accepted = "HTTP/1.1 202 Accepted\r\nContent-Length: 8\r\n\r\naccepted";
    private const string Head = "POST /upload HTTP/1.1\r\nHost: h\r\nContent-Length: 300000\r\n\r\n";
    private const string Chunked = "POST /upload HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
    private const string Get = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";

    // An answer at the head, then all of the body, then the next request.
    private static async Task AnswersAtOnce(Wire wire)
    {
        while (true)
        {
            string head = await wire.ReadHeadAsync();
            await wire.SendAsync(Accepted);
            var request = new Message(head, []);
            if (request.Field("Content-Length") is { } length)
            {
                await wire.ReadExactlyAsync(int.Parse(length));
            }
            else if (request.Field("Transfer-Encoding") is not null)
            {
                int size;
                do
                {
                    size = Convert.ToInt32((await wire.ReadLineAsync()).Trim(), 16);
                    await wire.ReadExactlyAsync(size + 2);
                }
                while (size > 0);
            }
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_upload_is_sent_to_its_end_and_both_connections_are_used_again(bool isChunked)
    {
        var backend = new Backend(AnswersAtOnce);
        await using var balancer = new TestBalancer(s => s with { Loops = 1 }, null, backend);
        using Wire client = await balancer.ConnectAsync();
        for (int round = 0; round < 3; round++)
        {
            await client.SendAsync(isChunked ? Chunked : Head);
            Message early = await client.ReadMessageAsync();
            Assert.Equal((202, "accepted", null), (early.Status, early.Text, early.Field("Connection")));
            await client.SendAsync(isChunked ? $"493e0\r\n{new string('x', Length)}\r\n0\r\n\r\n" : new string('x', Length));
            await client.SendAsync(Get);
            Assert.Equal(202, (await client.ReadMessageAsync()).Status);
        }

        Assert.Equal(1, backend.Connections);
    }

    [Fact]
    public async Task A_client_that_closes_behind_its_upload_has_it_sent_all_the_same()
    {
        var got = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var balancer = new TestBalancer(new Backend(async wire =>
        {
            await wire.ReadHeadAsync();
            await wire.SendAsync(Accepted);
            got.TrySetResult((await wire.ReadExactlyAsync(Length)).Length);
        }));
        using Wire client = await balancer.ConnectAsync();
        await client.SendAsync("POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 300000\r\n\r\n");
        Message early = await client.ReadMessageAsync();
        Assert.Equal((202, "close"), (early.Status, early.Field("Connection")));
        await client.SendAsync(new byte[Length]);
        Assert.Equal(Length, await got.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken));
        Assert.Equal("", await client.ReadToEndAsync());
    }

    [Theory]
    [InlineData("HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", true)]
    [InlineData("HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n", false)]
    public async Task A_replica_that_closes_gets_no_more_and_the_client_its_answer(string answer, bool isTold)
    {
        await using var balancer = new TestBalancer(s => s with { Loops = 1 }, null, new Backend(async wire =>
        {
            await wire.ReadHeadAsync();
            await wire.SendAsync(answer);
        }));
        using Wire client = await balancer.ConnectAsync();
        await client.SendAsync(Head);
        Message early = await client.ReadMessageAsync();
        Assert.Equal((413, isTold ? "close" : null), (early.Status, early.Field("Connection")));
        Assert.Equal("", await client.ReadToEndAsync());
        Assert.Equal(0, balancer.Replicas[0].Totals().Failures);
    }

    [Theory]
    [InlineData("slow", nameof(Reason.RequestBodyTimeout))]
    [InlineData("idle", nameof(Reason.RequestBodyTimeout))]
    [InlineData("whole", nameof(Reason.RequestTimeout))]
    [InlineData("gone", nameof(Reason.ClientGone))]
    [InlineData("malformed", nameof(Reason.MalformedRequest))]
    public async Task The_rest_has_the_limits_of_a_request_and_the_replica_sees_that_it_was_cut(string how, string reason)
    {
        var cut = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var balancer = new TestBalancer(s => With(s with { Loops = 1 }, how), null, new Backend(async wire =>
        {
            await wire.ReadHeadAsync();
            await wire.SendAsync(Accepted);
            cut.TrySetResult(await wire.ReadToEndAsync());
        }));
        using Wire client = await balancer.ConnectAsync();
        await client.SendAsync(Chunked + "5\r\nfirst\r\n");
        Assert.Equal(202, (await client.ReadMessageAsync()).Status);
        if (how == "gone")
        {
            client.Finish();
        }
        else if (how == "malformed")
        {
            await client.SendAsync("no size\r\n");
        }

        Assert.Equal("5\r\nfirst\r\n", await cut.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken));
        Assert.Equal("", await client.ReadToEndAsync());
        Assert.Equal(0, balancer.Replicas[0].Totals().Failures);
        Assert.Equal(1, balancer.Plane.Figures(0).Requests.Failures[(int)Enum.Parse<Reason>(reason)]);
    }

    private static EdgeOptions With(EdgeOptions settings, string how) => how switch
    {
        "idle" => settings with { Timeouts = new() { BodyIdle = TimeSpan.FromMilliseconds(200) } },
        "slow" => settings with
        {
            Limits = new() { BodyBytesPerSecond = 1_000_000 },
            Timeouts = new() { BodyGrace = TimeSpan.FromMilliseconds(200) },
            Overload = new() { PerReplica = 1 },
        },
        "whole" => settings with { Timeouts = new() { Request = TimeSpan.FromMilliseconds(300) } },
        _ => settings,
    };

    [Fact]
    public async Task A_second_answer_is_dropped_and_ends_the_connection_after_the_request()
    {
        var said = new SemaphoreSlim(0);
        var backend = new Backend(async wire =>
        {
            await wire.ReadHeadAsync();
            await wire.SendAsync(Accepted);
            await wire.ReadExactlyAsync(5);
            await wire.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwrong");
            said.Release();
            await wire.ReadExactlyAsync(5);
            await wire.ReadToEndAsync();
        });
        await using var balancer = new TestBalancer(s => s with { Loops = 1 }, null, backend);
        using Wire client = await balancer.ConnectAsync();
        for (int i = 0; i < 2; i++)
        {
            await client.SendAsync("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n");
            Assert.Equal("accepted", (await client.ReadMessageAsync()).Text);
            await client.SendAsync("first");
            Assert.True(await said.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken));
            await client.SendAsync("later");
        }

        Assert.Equal(2, backend.Connections);
    }

    /// <summary>With a final answer in the place of the 100, the client may leave its body out (RFC 9110 §10.1.1): it is told that nothing follows.</summary>
    [Fact]
    public async Task A_client_that_waits_for_100_is_not_waited_for()
    {
        var ended = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var balancer = new TestBalancer(new Backend(async wire =>
        {
            await wire.ReadHeadAsync();
            await wire.SendAsync("HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n");
            ended.TrySetResult(await wire.ReadToEndAsync());
        }));
        using Wire client = await balancer.ConnectAsync();
        await client.SendAsync("PUT / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 10\r\n\r\n");
        Message answer = await client.ReadMessageAsync();
        Assert.Equal((401, "close"), (answer.Status, answer.Field("Connection")));
        Assert.Equal("", await ended.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_replica_that_is_let_go_of_gets_the_time_of_a_drain_for_the_rest()
    {
        var cut = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var balancer = new TestBalancer(s => s with { Loops = 1 }, null, new Backend(async wire =>
        {
            await wire.ReadHeadAsync();
            await wire.SendAsync(Accepted);
            cut.TrySetResult(await wire.ReadToEndAsync());
        }));
        using Wire client = await balancer.ConnectAsync();
        await client.SendAsync(Head + "some");
        Assert.Equal(202, (await client.ReadMessageAsync()).Status);
        balancer.Plane.Publish(ReplicaTable.Empty);
        await balancer.Plane.ReleaseAsync(balancer.Replicas[0], TimeSpan.FromMilliseconds(100));
        Assert.Equal("some", await cut.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken));
        Assert.Equal("", await client.ReadToEndAsync());
        Assert.Equal(1, balancer.Plane.Figures(0).Requests.Failures[(int)Reason.DrainTimeout]);
    }
}
