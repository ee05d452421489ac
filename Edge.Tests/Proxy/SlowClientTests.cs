using System.Net.Sockets;
using Edge.Config;
using Edge.Tests.Backends;

namespace Edge.Tests.Proxy;

/// <summary>Clients that are slow on purpose, to hold what others need.</summary>
public sealed class SlowClientTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
    private const string Post = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n";

    // A little now and then: progress, but never enough of it.
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(40);

    [Fact]
    public async Task A_body_that_only_trickles_is_ended_although_it_never_stops()
    {
        await using TestBalancer balancer = Balancer(
            s => s with
            {
                Limits = new() { BodyBytesPerSecond = 1_000_000 },
                Timeouts = new() { BodyGrace = TimeSpan.FromMilliseconds(300) },
                Overload = new() { PerReplica = 1 },
            },
            new Backend(Scripts.Echo));
        foreach (string head in new[] { Post, "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n186a0\r\n" })
        {
            using Wire client = await balancer.ConnectAsync();
            await client.SendAsync(head);
            Task<Message> answer = client.ReadMessageAsync();
            await TrickleAsync(client.Socket, answer);
            Message got = await answer;
            Assert.Equal((408, "close"), (got.Status, got.Field("Connection")));
            Assert.Contains("The request body did not arrive in time", got.Text);
        }

        Assert.Equal(0, balancer.Replicas[0].Totals().Failures);
    }

    [Fact]
    public async Task A_slow_body_is_let_be_until_more_than_half_of_the_connections_are_taken()
    {
        // An average that nothing here reaches; lines now and then, as an agent sends what it logs.
        await using TestBalancer balancer = Balancer(
            s => s with
            {
                Limits = new() { BodyBytesPerSecond = 1_000_000 },
                Timeouts = new() { BodyGrace = TimeSpan.FromMilliseconds(50) },
                Overload = new() { Connections = 4 },
            },
            new Backend(Scripts.Echo));
        using Wire slow = await balancer.ConnectAsync();
        await slow.SendAsync("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
        Task<Message> answer = slow.ReadMessageAsync();
        for (int i = 0; i < 60; i++)
        {
            // Two of its looks and more pass without a 408.
            await slow.SendAsync("6\r\n{...}\n\r\n");
            await Task.WhenAny(answer, Task.Delay(s_pause, TestContext.Current.CancellationToken));
        }

        Assert.False(answer.IsCompleted);
        using Wire second = await balancer.ConnectAsync();
        using Wire third = await balancer.ConnectAsync();
        await second.SendAsync(Get);
        await third.SendAsync(Get);
        Assert.Equal((200, 200), ((await second.ReadMessageAsync()).Status, (await third.ReadMessageAsync()).Status));
        await TrickleAsync(slow.Socket, answer, "1\r\nx\r\n");
        Assert.Equal((408, "close"), ((await answer).Status, (await answer).Field("Connection")));
    }

    [Fact]
    public async Task A_slow_body_ends_where_its_replica_has_more_than_half_of_what_it_may_have_in_flight()
    {
        await using TestBalancer balancer = Balancer(
            s => s with
            {
                Limits = new() { BodyBytesPerSecond = 1_000_000 },
                Timeouts = new() { BodyGrace = TimeSpan.FromMilliseconds(50) },
                Overload = new() { PerReplica = 1 },
            },
            new Backend(Scripts.Echo));
        using Wire slow = await balancer.ConnectAsync();
        await slow.SendAsync(Post);
        Task<Message> answer = slow.ReadMessageAsync();
        await TrickleAsync(slow.Socket, answer);
        Assert.Equal(408, (await answer).Status);
    }

    [Fact]
    public async Task A_body_that_stops_ends_however_much_room_there_is()
    {
        await using TestBalancer balancer = Balancer(
            s => s with
            {
                Limits = new() { BodyBytesPerSecond = 240 },
                Timeouts = new() { BodyGrace = TimeSpan.FromMilliseconds(50), BodyIdle = TimeSpan.FromMilliseconds(300) },
            },
            new Backend(Scripts.Echo));
        using Wire client = await balancer.ConnectAsync();
        await client.SendAsync(Post + "abc");
        Assert.Equal(408, (await client.ReadMessageAsync()).Status);
        Assert.Equal(0, balancer.Replicas[0].Totals().Failures);
    }

    [Theory]
    [InlineData("Expect: 100-continue\r\n")]
    [InlineData("Expect: , 100-Continue,\r\nExpect: 100-continue\r\n")]
    public async Task The_pace_of_a_body_begins_when_its_client_is_told_to_go_on(string expectation)
    {
        var decide = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        string head = "";
        await using TestBalancer balancer = Balancer(
            s => s with
            {
                Limits = new() { BodyBytesPerSecond = 1_000_000 },
                Timeouts = new() { BodyGrace = TimeSpan.FromMilliseconds(300), BodyIdle = TimeSpan.FromMilliseconds(900) },
                Overload = new() { Connections = 1 },
            },
            new Backend(async wire =>
        {
            head = await wire.ReadHeadAsync();
            await decide.Task;
            await wire.SendAsync("HTTP/1.1 100 Continue\r\n\r\n");
            await wire.ReadExactlyAsync(100_000);
            await wire.SendAsync(Scripts.Ok);
        }));
        using Wire client = await balancer.ConnectAsync();
        await client.SendAsync(Post.Replace("\r\n\r\n", $"\r\n{expectation}\r\n", StringComparison.Ordinal));
        Task<string> interim = client.ReadHeadAsync();

        // The replica thinks for longer than a body may take to begin, and longer than it may pause.
        await Task.WhenAny(interim, Task.Delay(1_500, TestContext.Current.CancellationToken));
        Assert.False(interim.IsCompleted);
        decide.SetResult();
        Assert.StartsWith("HTTP/1.1 100 ", await interim, StringComparison.Ordinal);
        Assert.Equal(["Expect: 100-continue"], head.Split("\r\n").Where(l => l.StartsWith("Expect", StringComparison.OrdinalIgnoreCase)));
        await client.SendAsync(new byte[100_000]);
        Assert.Equal(200, (await client.ReadMessageAsync()).Status);
    }

    [Fact]
    public async Task A_client_that_waits_for_a_100_that_never_comes_is_told_so_and_no_replica_is_blamed()
    {
        await using TestBalancer balancer = Balancer(
            s => s with { Timeouts = new() { ResponseHead = TimeSpan.FromMilliseconds(300) } },
            new Backend(async wire =>
        {
            await wire.ReadHeadAsync();
            await wire.ReadToEndAsync();
        }));
        using Wire client = await balancer.ConnectAsync();
        await client.SendAsync(Post.Replace("\r\n\r\n", "\r\nExpect: 100-continue\r\n\r\n", StringComparison.Ordinal));
        Assert.Equal(408, (await client.ReadMessageAsync()).Status);
        Assert.Equal(0, balancer.Replicas[0].Totals().Failures);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_client_that_was_told_to_go_on_or_does_so_by_itself_is_held_to_the_pace(bool isTold)
    {
        await using TestBalancer balancer = Balancer(
            s => s with
            {
                Limits = new() { BodyBytesPerSecond = 1_000_000 },
                Timeouts = new() { BodyGrace = TimeSpan.FromMilliseconds(200) },
                Overload = new() { Connections = 1 },
            },
            new Backend(async wire =>
        {
            await wire.ReadHeadAsync();
            await wire.SendAsync(isTold ? "HTTP/1.1 100 Continue\r\n\r\n" : "");
            await wire.ReadToEndAsync();
        }));
        using Wire client = await balancer.ConnectAsync();
        await client.SendAsync(Post.Replace("\r\n\r\n", "\r\nExpect: 100-continue\r\n\r\n", StringComparison.Ordinal));
        if (isTold)
        {
            await client.ReadHeadAsync();
        }
        else
        {
            await client.SendAsync("x");
        }

        Assert.Equal(408, (await client.ReadMessageAsync()).Status);
        Assert.Equal(0, balancer.Replicas[0].Totals().Failures);
    }

    [Fact]
    public async Task A_body_that_came_fast_may_rest()
    {
        // At this pace the first half alone is worth half a minute.
        await using TestBalancer balancer = Balancer(
            s => s with { Limits = new() { BodyBytesPerSecond = 1_000 }, Timeouts = new() { BodyGrace = TimeSpan.FromMilliseconds(100) } },
            new Backend(Scripts.Echo));
        using Wire client = await balancer.ConnectAsync();
        await client.SendAsync(Post);
        await client.SendAsync(new byte[50_000]);
        await Task.Delay(400, TestContext.Current.CancellationToken);
        await client.SendAsync(new byte[50_000]);
        Assert.Equal(200, (await client.ReadMessageAsync()).Status);
    }

    [Fact]
    public async Task Bytes_that_the_replica_does_not_read_do_not_count_against_the_client()
    {
        // Far more than the kernel's buffers can hold; what the replica reads of it has to come through all of them.
        const int Length = 48_000_000;
        const int Read = 1_000_000;
        var open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var answered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using TestBalancer balancer = Balancer(
            s => s with { Limits = new() { BodyBytesPerSecond = 1_000_000_000 }, Timeouts = new() { BodyGrace = TimeSpan.FromMilliseconds(200) } },
            new Backend(async wire =>
        {
            await wire.ReadHeadAsync();
            await open.Task;
            await wire.ReadExactlyAsync(Read);
            await wire.SendAsync(Scripts.Ok);
            await answered.Task;
        }));
        using Wire client = await balancer.ConnectAsync();
        await client.SendAsync($"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: {Length}\r\n\r\n");
        Task sending = client.SendAsync(new byte[Length]);
        await Task.Delay(600, TestContext.Current.CancellationToken);
        bool isHeldUp = !sending.IsCompleted;
        open.SetResult();
        Message answer = await client.ReadMessageAsync();
        answered.SetResult();
        Assert.Equal((true, 200), (isHeldUp, answer.Status));

        // What is left of it is thrown away or breaks off, by what the kernel's buffers hold.
        await sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
    }

    [Fact]
    public async Task A_client_that_rests_after_its_head_has_the_time_of_a_body_on_a_new_connection_too()
    {
        await using TestBalancer balancer = Balancer(
            s => s with { Timeouts = new() { Connect = TimeSpan.FromMilliseconds(100) } },
            new Backend(Scripts.Echo));
        using Wire client = await balancer.ConnectAsync();
        await client.SendAsync("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n");
        await Quiet.UntilAsync(() => balancer.Replicas[0].Totals().Requests == 1, "it is on its way");
        await Task.Delay(400, TestContext.Current.CancellationToken);
        await client.SendAsync("hi");
        Assert.Equal(200, (await client.ReadMessageAsync()).Status);
    }

    [Fact]
    public async Task A_thousand_clients_that_never_end_their_heads_keep_nobody_from_being_served_and_are_all_ended()
    {
        const int Attackers = 1_200;
        await using TestBalancer balancer = Balancer(
            s => s with { Timeouts = new() { RequestHead = TimeSpan.FromSeconds(2) } },
            new Backend(Scripts.Echo));
        var attackers = new List<Wire>();
        try
        {
            for (int i = 0; i < Attackers; i++)
            {
                attackers.Add(await balancer.ConnectAsync());
            }

            Task<Message>[] ends = [.. attackers.Select(async a =>
            {
                await a.SendAsync("GET / HTTP/1.1\r\nHost: h\r\nX: ");
                Task<Message> answer = a.ReadMessageAsync();
                await TrickleAsync(a.Socket, answer);
                return await answer;
            })];
            Task all = Task.WhenAll(ends);
            int served = 0;
            using Wire client = await balancer.ConnectAsync();
            while (!all.IsCompleted)
            {
                await client.SendAsync(Get);
                Assert.Equal(200, (await client.ReadMessageAsync()).Status);
                Assert.Equal(200, (await balancer.GetAsync()).Status);
                served += 2;
            }

            await all;
            TestContext.Current.TestOutputHelper!.WriteLine($"{served} requests were answered while {Attackers} heads never ended");
            Assert.All(ends, e => Assert.Equal((408, "close"), (e.Result.Status, e.Result.Field("Connection"))));
            Assert.NotEqual(0, served);
        }
        finally
        {
            attackers.ForEach(a => a.Dispose());
        }

        await Quiet.UntilAsync(() => balancer.Plane.Report().Sum(r => r.Connections) == 0, "all are gone");
    }

    private static async Task TrickleAsync(Socket socket, Task until, string some = "x")
    {
        try
        {
            while (!until.IsCompleted)
            {
                await socket.SendAsync(System.Text.Encoding.ASCII.GetBytes(some), TestContext.Current.CancellationToken);
                await Task.WhenAny(until, Task.Delay(s_pause, TestContext.Current.CancellationToken));
            }
        }
        catch (SocketException)
        {
            // Ended by the balancer: the answer tells how.
        }
    }

    private static TestBalancer Balancer(Func<EdgeOptions, EdgeOptions> change, Backend backend) => new(s => change(s with { Loops = 1 }), null, backend);
}
