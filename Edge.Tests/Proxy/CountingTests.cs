using Edge.Control;
using Edge.Http;
using Edge.Routing;
using Edge.Telemetry;
using Edge.Tests.Backends;
using Edge.Tests.Telemetry;

namespace Edge.Tests.Proxy;

public sealed class CountingTests
{
    private const string Post = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx";

    [Fact]
    public async Task Every_request_is_counted_once_by_method_and_status()
    {
        await using var balancer = new TestBalancer(new Backend(Scripts.Echo), new Backend(Scripts.Echo));
        for (int i = 0; i < 5; i++)
        {
            Assert.Equal(200, (await balancer.GetAsync()).Status);
        }

        Assert.Equal(200, (await balancer.AskAsync(Post)).Status);
        Assert.Equal(200, (await balancer.AskAsync("PUT / HTTP/1.1\r\nHost: h\r\n\r\n")).Status);
        Assert.Equal(400, (await balancer.AskAsync("GET / HTTP/1.1\r\n\r\n")).Status);
        Assert.Equal(400, (await balancer.AskAsync("not a request\r\n\r\n")).Status);
        Assert.Equal(200, (await balancer.GetAsync("/heartbeat")).Status);
        LoopCounters sum = await SettledAsync(balancer, 10);
        AnswerTable answers = balancer.Plane.Answers();
        Assert.Equal((9, 5, 1, 1), (sum.Requests.Begun, answers.Of((int)Method.Get, 200), answers.Of((int)Method.Post, 200), answers.Of((int)Method.Put, 200)));
        Assert.Equal((1, 1), (answers.Of((int)Method.Get, 400), answers.Of((int)Method.Other, 400)));
        Assert.Equal((2, 1, 0), (sum.Requests.Failures[(int)Reason.Refused], balancer.Plane.ControlAnswers().Of((int)Method.Get, 200), sum.Requests.InFlight));
        Assert.Equal(9, sum.Requests.Duration.Count);
        Assert.Equal(7, balancer.Replicas.Sum(r => Answers(r).Of("200")));
        Assert.Equal(7, balancer.Replicas.Sum(r => r.Figures().Response.Count));
        Assert.Equal((7, sum.PoolMisses), (sum.PoolHits + sum.PoolMisses, sum.Connect.Count));
    }

    [Fact]
    public async Task Bytes_are_those_on_the_wire()
    {
        const string Response = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody";
        await using var balancer = new TestBalancer(s => s with { Forwarding = new() { NameReplica = false } }, null, new Backend(Scripts.Always(Response)));
        using Wire client = await balancer.ConnectAsync();
        await client.SendAsync(Post + Post);
        Message first = await client.ReadMessageAsync();
        await client.ReadMessageAsync();
        LoopCounters sum = await SettledAsync(balancer, 2);
        ReplicaCounters replica = balancer.Replicas[0].Figures();
        Assert.Equal(2 * Post.Length, sum.ClientBytesReceived);
        Assert.Equal(2 * Response.Length, replica.BytesReceived);
        Assert.True(sum.ClientBytesSent > replica.BytesReceived && replica.BytesSent > sum.ClientBytesReceived, first.Text);
    }

    [Fact]
    public async Task A_retry_is_counted_with_its_reason_and_both_replicas()
    {
        await using var balancer = new TestBalancer(new Backend(Scripts.ResetAfterHead), new Backend(Scripts.Echo));
        for (int i = 0; i < 6; i++)
        {
            Assert.Equal(200, (await balancer.GetAsync()).Status);
        }

        LoopCounters sum = await SettledAsync(balancer, 6);
        long failed = Answers(balancer.Replicas[0]).Of("none");
        Assert.True(failed > 0);
        Assert.Equal(
            (failed, 6, 6),
            (sum.Retries[(int)Reason.ReplicaClosed],
                balancer.Plane.Answers().Of((int)Method.Get, 200),
                Answers(balancer.Replicas[1]).Of((int)Method.Get, 200)));
    }

    [Fact]
    public async Task A_request_that_fails_is_counted_with_its_reason()
    {
        await using var balancer = new TestBalancer(new Backend(Scripts.ResetAfterHead));
        Assert.Equal(502, (await balancer.AskAsync(Post)).Status);
        LoopCounters sum = await SettledAsync(balancer, 1);
        Assert.Equal(
            (1, 1, 1),
            (balancer.Plane.Answers().Of((int)Method.Post, 502), sum.Requests.Failures[(int)Reason.ReplicaClosed], Answers(balancer.Replicas[0]).Of("none")));
    }

    [Fact]
    public async Task A_client_that_leaves_is_counted_without_an_answer()
    {
        await using var balancer = new TestBalancer(new Backend(Scripts.NeverAnswers));
        using (Wire client = await balancer.ConnectAsync())
        {
            await client.SendAsync("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
            await Quiet.UntilAsync(() => Figures(balancer) is { Requests.InFlight: 1, BusyConnections: 1 }, "it is in flight");
            LoopCounters before = Figures(balancer);
            Assert.Equal((1, 1, 0), (before.Clients, before.BusyConnections, before.PooledConnections));
            client.Socket.LingerState = new(true, 0);
        }

        await Quiet.UntilAsync(() => Figures(balancer) is { Requests.InFlight: 0, Clients: 0 }, "it is over");
        LoopCounters sum = Figures(balancer);
        Assert.Equal((1, 1), (balancer.Plane.Answers().Of((int)Method.Get, 0), sum.Requests.Failures[(int)Reason.ClientGone]));
        Assert.Equal(0, sum.BusyConnections);
    }

    [Fact]
    public async Task The_last_minute_is_told_from_what_came_before()
    {
        await using var balancer = new TestBalancer(new Backend(Scripts.Echo));
        var time = new Fleet.FakeTime(new Fleet.Journal());
        await balancer.GetAsync();
        await SettledAsync(balancer, 1);
        using var recent = new LastMinute(balancer.Plane, () => balancer.Replicas, () => [Service.Default], time);
        await balancer.GetAsync();
        await balancer.GetAsync();
        await SettledAsync(balancer, 3);
        time.Advance(LastMinute.Interval);
        Assert.Equal((2, 5), (recent.OfAll().Requests, recent.OfAll().Seconds));
        await balancer.GetAsync();
        await SettledAsync(balancer, 4);
        RecentFigures replica = recent.Of(balancer.Replicas[0]);
        Assert.Equal((1, 0), (replica.Requests, replica.Failures));
        Assert.NotNull(recent.OfAll().Quantile(0.99));
        for (int i = 0; i < 20; i++)
        {
            time.Advance(LastMinute.Interval);
        }

        Assert.Equal((0, 0), (recent.OfAll().Requests, recent.OfAll().RequestsPerSecond));
        Assert.Equal(60, recent.OfAll().Seconds);
        Assert.Null(recent.Of(balancer.Replicas[0]).Quantile(0.5));
    }

    // A request is counted when its answer is on its way, which a client may read before that.
    private static async Task<LoopCounters> SettledAsync(TestBalancer balancer, int requests)
    {
        await Quiet.UntilAsync(() => balancer.Plane.Answers().Sum + balancer.Plane.ControlAnswers().Sum == requests, "all are counted");
        return Figures(balancer);
    }

    private static AnswerTable Answers(Replica replica) => replica.AddAnswersTo(new AnswerTable());

    private static LoopCounters Figures(TestBalancer balancer) => ((IPlaneFigures)balancer.Plane).Figures();
}
