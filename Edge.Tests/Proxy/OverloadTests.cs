using System.Threading.Channels;
using Edge.Config;
using Edge.Proxy;
using Edge.Tests.Backends;

namespace Edge.Tests.Proxy;

public sealed class OverloadTests
{
    private const string Ok = Scripts.Ok;

    /// <summary>A replica that answers when the test says so, and notes the order in which requests came.</summary>
    private sealed class Gate
    {
        private readonly Channel<bool> _open = Channel.CreateUnbounded<bool>();

        internal List<string> Paths { get; } = [];

        internal int Arrived
        {
            get
            {
                lock (Paths)
                {
                    return Paths.Count;
                }
            }
        }

        internal void Open(int requests)
        {
            for (int i = 0; i < requests; i++)
            {
                _open.Writer.TryWrite(true);
            }
        }

        internal async Task Script(Wire wire)
        {
            while (true)
            {
                Message request = await wire.ReadMessageAsync();
                lock (Paths)
                {
                    Paths.Add(request.Head.Split(' ')[1]);
                }

                await _open.Reader.ReadAsync();
                await wire.SendAsync(Ok);
            }
        }
    }

    [Fact]
    public async Task A_request_without_room_waits_its_turn()
    {
        var gate = new Gate();
        await using TestBalancer balancer = Balancer(new OverloadOptions { InFlight = 2, Queue = 10 }, new Backend(gate.Script));
        Task<Message>[] answers = new Task<Message>[6];
        for (int i = 0; i < answers.Length; i++)
        {
            answers[i] = balancer.GetAsync($"/{i}");
            int expected = Math.Min(i + 1, 2);
            int waiting = Math.Max(0, i - 1);
            await Quiet.UntilAsync(() => gate.Arrived == expected && balancer.Plane.Report()[0].Waiting == waiting, $"request {i} has its place");
        }

        for (int served = 1; served <= answers.Length; served++)
        {
            gate.Open(1);
            int expected = Math.Min(2 + served, answers.Length);
            await Quiet.UntilAsync(() => gate.Arrived == expected, $"after {served} answers {expected} have arrived");
        }

        Assert.All(await Task.WhenAll(answers), a => Assert.Equal(200, a.Status));
        Assert.Equal(["/0", "/1", "/2", "/3", "/4", "/5"], gate.Paths);
        Assert.Equal((0, 4, 0), (balancer.Plane.Report()[0].Waiting, balancer.Plane.Report()[0].Waited, balancer.Plane.Report()[0].TurnedAway));
    }

    [Fact]
    public async Task A_request_that_finds_the_queue_full_is_refused_at_once()
    {
        var gate = new Gate();
        await using TestBalancer balancer = Balancer(new OverloadOptions { InFlight = 1, Queue = 1 }, new Backend(gate.Script));
        Task<Message> first = balancer.GetAsync("/1");
        await Quiet.UntilAsync(() => gate.Arrived == 1, "the first is in flight");
        Task<Message> second = balancer.GetAsync("/2");
        await Quiet.UntilAsync(() => balancer.Plane.Report()[0].Waiting == 1, "the second waits");
        Message third = await balancer.GetAsync("/3");
        Assert.Equal((503, "<Error> The balancer has no room for this request"), (third.Status, Error(third)));
        Assert.NotNull(third.Field("Retry-After"));
        gate.Open(2);
        Assert.Equal((200, 200), ((await first).Status, (await second).Status));
        Assert.Equal(1, balancer.Plane.Report()[0].TurnedAway);
    }

    [Fact]
    public async Task A_request_that_waits_too_long_gets_503()
    {
        var gate = new Gate();
        var overload = new OverloadOptions { InFlight = 1, Queue = 5, QueueWait = TimeSpan.FromMilliseconds(100) };
        await using TestBalancer balancer = Balancer(overload, new Backend(gate.Script));
        Task<Message> first = balancer.GetAsync("/1");
        await Quiet.UntilAsync(() => gate.Arrived == 1, "the first is in flight");
        Message second = await balancer.GetAsync("/2");
        Assert.Equal((503, "<Error> The balancer had no room for this request in time"), (second.Status, Error(second)));
        gate.Open(1);
        Assert.Equal(200, (await first).Status);
        Assert.True(balancer.Plane.Report()[0].WaitedMilliseconds > 0);
    }

    [Fact]
    public async Task A_client_that_leaves_while_it_waits_leaves_its_place()
    {
        var gate = new Gate();
        await using TestBalancer balancer = Balancer(new OverloadOptions { InFlight = 1, Queue = 5 }, new Backend(gate.Script));
        Task<Message> first = balancer.GetAsync("/1");
        await Quiet.UntilAsync(() => gate.Arrived == 1, "the first is in flight");
        using (Wire second = await balancer.ConnectAsync())
        {
            await second.SendAsync("GET /2 HTTP/1.1\r\nHost: h\r\n\r\n");
            await Quiet.UntilAsync(() => balancer.Plane.Report()[0].Waiting == 1, "the second waits");
            second.Reset();
        }

        await Quiet.UntilAsync(() => balancer.Plane.Report()[0].Waiting == 0, "the second is gone");
        Task<Message> third = balancer.GetAsync("/3");
        gate.Open(2);
        Assert.Equal((200, 200), ((await first).Status, (await third).Status));
        Assert.Equal(["/1", "/3"], gate.Paths);
    }

    [Fact]
    public async Task A_replica_that_is_full_is_passed_over_and_then_waited_for()
    {
        var gates = new[] { new Gate(), new Gate() };
        await using TestBalancer balancer = Balancer(
            new OverloadOptions { PerReplica = 1, Queue = 5 }, new Backend(gates[0].Script), new Backend(gates[1].Script));
        Task<Message> first = balancer.GetAsync("/1");
        Task<Message> second = balancer.GetAsync("/2");
        await Quiet.UntilAsync(() => gates.All(g => g.Arrived == 1), "each has one");
        Task<Message> third = balancer.GetAsync("/3");
        await Quiet.UntilAsync(() => balancer.Plane.Report()[0].Waiting == 1, "the third waits");

        // Only the one whose turn it is not gets free: it takes the third all the same.
        gates[1].Open(2);
        await Quiet.UntilAsync(() => gates[1].Arrived == 2, "the free one has got it");
        gates[0].Open(1);
        Assert.All(await Task.WhenAll(first, second, third), a => Assert.Equal(200, a.Status));
    }

    [Fact]
    public async Task A_new_replica_takes_those_that_wait()
    {
        var gate = new Gate();
        await using TestBalancer balancer = Balancer(
            new OverloadOptions { PerReplica = 1, Queue = 5 }, new Backend(gate.Script), new Backend(Scripts.Echo));
        balancer.Plane.Publish(new Edge.Routing.ReplicaTable([balancer.Replicas[0]]));
        Task<Message> first = balancer.GetAsync("/1");
        await Quiet.UntilAsync(() => gate.Arrived == 1, "the first is in flight");
        Task<Message> second = balancer.GetAsync("/2");
        await Quiet.UntilAsync(() => balancer.Plane.Report()[0].Waiting == 1, "the second waits");
        balancer.Plane.Publish(new Edge.Routing.ReplicaTable(balancer.Replicas));

        // A loop sees a table when it turns.
        Assert.Equal("server_2", (await balancer.GetAsync("/3")).Field("X-Edge-Replica"));
        Assert.Equal("server_2", (await second).Field("X-Edge-Replica"));
        gate.Open(1);
        await first;
    }

    [Theory]
    [InlineData(2, 0)]
    [InlineData(0, 2)]
    public async Task Connections_beyond_a_limit_are_told_and_closed(int inAll, int perClient)
    {
        await using TestBalancer balancer = Balancer(
            new OverloadOptions { Connections = inAll, ConnectionsPerClient = perClient }, new Backend(Scripts.Echo));
        using Wire one = await balancer.ConnectAsync();
        await one.SendAsync("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
        Assert.Equal(200, (await one.ReadMessageAsync()).Status);
        using (Wire two = await balancer.ConnectAsync())
        {
            await two.SendAsync("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
            Assert.Equal(200, (await two.ReadMessageAsync()).Status);
            using Wire three = await balancer.ConnectAsync();
            Message refused = await three.ReadMessageAsync();
            Assert.Equal((503, "<Error> The balancer has no room for this connection", "close"), (refused.Status, Error(refused), refused.Field("Connection")));
            Assert.Equal("", await three.ReadToEndAsync());
        }

        await Quiet.UntilAsync(() => balancer.Plane.Report()[0].Connections == 1, "the others are gone");
        Assert.Equal(200, (await balancer.GetAsync()).Status);
        Assert.Equal(1, balancer.Plane.Report()[0].RefusedConnections);
    }

    [Fact]
    public async Task A_replica_that_answers_nothing_gets_one_request_while_the_other_replica_is_idle()
    {
        var stuck = new Gate();
        await using var balancer = new TestBalancer(
            s => s with { Loops = 1 }, null, new Backend(stuck.Script), new Backend(Scripts.Echo));
        var answers = new List<Task<Message>>();
        try
        {
            // One after the other: the stuck one has something to do after its first, and the other one nothing.
            const int Requests = 200;
            for (int i = 0; i < Requests; i++)
            {
                int stuckBefore = stuck.Arrived;
                answers.Add(balancer.GetAsync("/"));
                await Quiet.UntilAsync(() => answers[^1].IsCompleted || stuck.Arrived > stuckBefore, "it is answered or stuck");
            }

            Assert.Equal(1, stuck.Arrived);
        }
        finally
        {
            stuck.Open(answers.Count);
        }

        Assert.All(await Task.WhenAll(answers), a => Assert.Equal(200, a.Status));
    }

    private static string Error(Message message) =>
        System.Text.Json.JsonDocument.Parse(message.Text).RootElement.GetProperty("message").GetString()!;

    private static TestBalancer Balancer(OverloadOptions overload, params Backend[] backends) =>
        new(s => s with { Loops = 1, Overload = overload }, null, backends);
}
