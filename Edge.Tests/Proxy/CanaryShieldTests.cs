using System.Net;
using Edge.Config;
using Edge.Routing;
using Edge.Telemetry;
using Edge.Tests.Backends;
using Edge.Tests.Tls;

namespace Edge.Tests.Proxy;

/// <summary>What a new replica fails, an old one answers, and the client sees nothing of it: with no retries allowed at all.</summary>
public sealed class CanaryShieldTests
{
    private const string NoAnswer = "HTTP/1.1 500 Broken\r\nContent-Length: 6\r\n\r\nbroken";
    private const string Hints = "HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n";

    // What half of the time for an answer is, is the canary's.
    private static readonly TimeSpan s_short = TimeSpan.FromSeconds(2);

    /// <summary>How a new replica may fail a request.</summary>
    public static TheoryData<string> Shapes => [.. Scripts().Keys];

    private static Dictionary<string, Func<Wire, Task>> Scripts() => new()
    {
        ["closes"] = wire => wire.ReadMessageAsync(),
        ["resets"] = Backends.Scripts.ResetAfterHead,
        ["500"] = Backends.Scripts.Always(NoAnswer),
        ["502 and the end"] = Backends.Scripts.Always("HTTP/1.1 502 Bad\r\nConnection: close\r\n\r\nbroken", thenClose: true),
        ["503 in pieces"] = Backends.Scripts.Dribble("HTTP/1.1 503 Busy\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbusy\r\n0\r\n\r\n"),
        ["599"] = Backends.Scripts.Always("HTTP/1.1 599 Odd\r\nContent-Length: 0\r\n\r\n"),
        ["500 with a body without end"] = async wire =>
        {
            await wire.ReadMessageAsync();
            await wire.SendAsync("HTTP/1.1 500 Broken\r\nContent-Length: 100000\r\n\r\nonly this");
            await wire.ReadToEndAsync();
        },
        ["malformed"] = Backends.Scripts.Always("SSH-2.0-OpenSSH_9.2\r\n\r\n"),
        ["two lengths"] = Backends.Scripts.Always("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nhi"),
        ["a switch that nobody asked for"] = Backends.Scripts.Always("HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n"),
        ["half a head"] = Backends.Scripts.Always("HTTP/1.1 200 OK\r\nContent-Le", thenClose: true),
        ["half a head, and silence"] = async wire =>
        {
            await wire.ReadMessageAsync();
            await wire.SendAsync("HTTP/1.1 200 OK\r\nContent-Le");
            await wire.ReadToEndAsync();
        },
        ["hints, and the end"] = Backends.Scripts.Always(Hints, thenClose: true),
        ["hints, and 500"] = Backends.Scripts.Always(Hints + NoAnswer),
        ["silence"] = Backends.Scripts.NeverAnswers,
        ["hints, and silence"] = async wire =>
        {
            await wire.ReadMessageAsync();
            await wire.SendAsync(Hints);
            await wire.ReadToEndAsync();
        },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public Task A_failure_of_a_new_replica_costs_no_client_anything(string shape) => LetsNothingThrough(shape, new Backend(Scripts()[shape]));

    [Theory]
    [MemberData(nameof(Shapes))]
    public Task The_same_holds_over_TLS(string shape) => LetsNothingThrough(
        shape, new Backend(Scripts()[shape], tls: TestReplicas.Showing(TestCertificates.Sign(TestReplicas.Authority, [TestReplicas.Name]))));

    [Fact]
    public Task A_certificate_that_does_not_verify_is_a_failure_like_others() => LetsNothingThrough(
        "resets", new Backend(Backends.Scripts.Echo, tls: TestReplicas.Showing(TestCertificates.Sign(TestReplicas.Authority, ["another.example"]))));

    private static async Task LetsNothingThrough(string shape, Backend fresh)
    {
        await using var canary = new CanaryBalancer(fresh, change: o => o with { Timeouts = o.Timeouts with { ResponseHead = s_short } });
        canary.New.EjectAfter = canary.Old[0].EjectAfter = 0;
        using Wire client = await canary.Balancer.ConnectAsync();
        int requests = shape.EndsWith("silence", StringComparison.Ordinal) ? 1 : 4;
        for (int i = 0; i < requests; i++)
        {
            await client.SendAsync($"GET /{i} HTTP/1.1\r\nHost: h\r\n\r\n");
            string head = await client.ReadHeadAsync();
            if (head.Contains(" 103 ", StringComparison.Ordinal))
            {
                // They went out before anybody knew; another answer may follow them all the same.
                Assert.StartsWith("hints", shape, StringComparison.Ordinal);
                head = await client.ReadHeadAsync();
            }

            Assert.StartsWith("HTTP/1.1 200 ", head, StringComparison.Ordinal);
            Assert.Contains("X-Edge-Replica: server_1\r\n", head, StringComparison.Ordinal);
            byte[] body = await client.ReadExactlyAsync(int.Parse(new Message(head, []).Field("Content-Length")!));
            Assert.StartsWith($"GET /{i} HTTP/1.1\r\n", System.Text.Encoding.Latin1.GetString(body), StringComparison.Ordinal);
        }

        Assert.Equal((requests, requests), (canary.OfNew.Attempts, canary.OfNew.Errors));
        Assert.Equal(0, canary.OfOld.Attempts);
        Assert.Equal((requests, 0), (canary.Old[0].Totals().Requests, canary.Old[0].Totals().Failures));
        Assert.Equal(requests, canary.New.Totals().Requests);
        LoopCounters figures = canary.Balancer.Plane.Figures(0);
        Assert.Equal(requests, ((ReadOnlySpan<long>)figures.Retries).ToArray().Sum());
        Assert.Equal((0, 0), (figures.Requests.Failed, figures.Requests.Errors));
    }

    [Fact]
    public async Task A_new_replica_that_takes_no_connection_costs_no_client_anything()
    {
        await using var canary = new CanaryBalancer(new Backend(Backends.Scripts.Echo));
        using var taken = new System.Net.Sockets.Socket(
            System.Net.Sockets.AddressFamily.InterNetwork, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var refusing = new Replica(100, "server_9", (IPEndPoint)taken.LocalEndPoint!, 1, 1);
        canary.Publish(canary.Old, [refusing]);
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal("server_1", await canary.AskAsync());
        }

        Assert.Equal((3, 3), (canary.OfNew.Attempts, canary.OfNew.Errors));
        Assert.Equal(3, refusing.Totals().Failures);
    }

    [Fact]
    public async Task A_new_replica_that_dies_while_requests_wait_for_it_costs_no_client_anything()
    {
        var hanging = new Backend(Backends.Scripts.NeverAnswers);
        await using var canary = new CanaryBalancer(hanging);
        using Wire client = await canary.Balancer.ConnectAsync();
        await client.SendAsync(CanaryBalancer.Get);
        await Quiet.UntilAsync(() => hanging.Connections == 1, "the request waits");
        Replica dead = canary.New;
        canary.Publish(canary.Old, []);
        await canary.Balancer.Plane.ReleaseAsync(dead, TimeSpan.Zero, isLost: true);
        Assert.Equal("server_1", (await client.ReadMessageAsync()).Field("X-Edge-Replica"));
        Assert.Equal((1, 1), (canary.OfNew.Attempts, canary.OfNew.Errors));
        Assert.Equal(0, dead.Totals().InFlight);
        Assert.Equal("server_1", await canary.AskAsync());
    }

    [Fact]
    public async Task A_new_replica_that_is_let_go_of_leaves_its_requests_to_the_old_ones()
    {
        var hanging = new Backend(Backends.Scripts.NeverAnswers);
        await using var canary = new CanaryBalancer(hanging);
        using Wire relieved = await canary.Balancer.ConnectAsync(), drained = await canary.Balancer.ConnectAsync();
        await relieved.SendAsync(CanaryBalancer.Get);
        await Quiet.UntilAsync(() => hanging.Connections == 1, "the first request waits");
        canary.Balancer.Plane.Relieve(canary.New);
        Assert.Equal("server_1", (await relieved.ReadMessageAsync()).Field("X-Edge-Replica"));
        await drained.SendAsync(CanaryBalancer.Get);
        await Quiet.UntilAsync(() => hanging.Connections == 2, "the second one does");
        canary.Publish(canary.Old, []);
        await canary.Balancer.Plane.ReleaseAsync(canary.New, TimeSpan.Zero);
        Assert.Equal("server_1", (await drained.ReadMessageAsync()).Field("X-Edge-Replica"));

        // Neither says anything about it.
        Assert.Equal((0, 0), (canary.OfNew.Attempts, canary.OfNew.Errors));
        Assert.Equal(0, canary.Balancer.Plane.Figures(0).Requests.Failed);
    }

    [Fact]
    public async Task After_the_first_byte_of_an_answer_nothing_is_asked_again()
    {
        await using var canary = new CanaryBalancer(new Backend(Backends.Scripts.CloseMidBody));
        using Wire client = await canary.Balancer.ConnectAsync();
        await client.SendAsync(CanaryBalancer.Get);
        string head = await client.ReadHeadAsync();
        Assert.Contains("X-Edge-Replica: server_2\r\n", head, StringComparison.Ordinal);
        await Quiet.UntilAsync(() => canary.OfNew.Errors == 1, "the cut response counts");
        Assert.Equal((1, 0), (canary.OfNew.Attempts, canary.Old[0].Totals().Requests));
    }

    [Fact]
    public async Task Without_an_old_replica_the_client_gets_the_answer_of_the_new_one_as_it_is()
    {
        await using var canary = new CanaryBalancer(new Backend(Backends.Scripts.Always(NoAnswer)));
        canary.Publish([], [canary.New]);
        Message answer = await canary.Balancer.AskAsync(CanaryBalancer.Get);
        Assert.Equal((500, "broken"), (answer.Status, answer.Text));
        await Quiet.UntilAsync(() => canary.OfNew.Errors == 1, "it counts");
        Assert.Equal(1, canary.OfNew.Attempts);
    }

    [Fact]
    public async Task Old_replicas_have_the_retries_of_the_options_beside_the_shield()
    {
        await using var canary = new CanaryBalancer(
            new Backend(Backends.Scripts.Always(NoAnswer)),
            change: o => o with { Retries = new RetryOptions { Attempts = 2 }, Fleet = o.Fleet with { Pick = FleetPick.RoundRobin } },
            old: [new Backend(Backends.Scripts.ResetAfterHead), new Backend(Backends.Scripts.Echo)]);
        for (int i = 0; i < 4; i++)
        {
            Assert.Equal("server_2", await canary.AskAsync());
        }

        Assert.Equal(4, canary.New.Totals().Requests);
        Assert.InRange(canary.Old[0].Totals().Failures, 1, 4);
    }

    [Fact]
    public async Task A_connection_that_a_new_replica_has_closed_says_nothing_about_it()
    {
        await using var canary = new CanaryBalancer(new Backend(Backends.Scripts.ResetOnReuse));
        using Wire client = await canary.Balancer.ConnectAsync();
        await client.SendAsync(CanaryBalancer.Get);
        Assert.Equal("server_2", (await client.ReadMessageAsync()).Field("X-Edge-Replica"));
        await client.SendAsync(CanaryBalancer.Get);
        Assert.Equal("server_1", (await client.ReadMessageAsync()).Field("X-Edge-Replica"));
        Assert.Equal((1, 0, 0), (canary.OfNew.Attempts, canary.OfNew.Errors, canary.New.Totals().Failures));
    }

    [Fact]
    public async Task No_client_is_bound_to_a_new_replica()
    {
        await using var canary = new CanaryBalancer(
            new Backend(Backends.Scripts.Always("HTTP/1.1 401 Who\r\nWWW-Authenticate: NTLM\r\nContent-Length: 0\r\n\r\n")));
        Assert.Equal("server_1", await canary.AskAsync());
        Assert.Equal((0, 1), (canary.OfNew.Attempts, canary.New.Totals().Requests));
        Assert.Equal("server_1", await canary.AskAsync("GET / HTTP/1.1\r\nHost: h\r\nAuthorization: NTLM TlRMTVNTUAAB\r\n\r\n"));
        Assert.Equal(1, canary.New.Totals().Requests);
    }
}
