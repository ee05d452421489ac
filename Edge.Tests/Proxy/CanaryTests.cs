using System.Net;
using Edge.Config;
using Edge.Routing;
using Edge.Tests.Backends;

namespace Edge.Tests.Proxy;

/// <summary>Which requests go to new replicas beside the old ones, and what is counted of both.</summary>
public sealed class CanaryTests
{
    private const string Busy = "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n";
    private const string NotFound = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";

    private static EdgeOptions Trusting(EdgeOptions options) => options with { Forwarding = new() { TrustedProxies = ["127.0.0.0/8"] } };

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: h\r\n\r\n", true)]
    [InlineData("GET / HTTP/1.0\r\n\r\n", true)]
    [InlineData("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n", true)]
    [InlineData("GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx", false)]
    [InlineData("GET / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", false)]
    [InlineData("GET / HTTP/1.1\r\nHost: h\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n", false)]
    [InlineData("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx", false)]
    [InlineData("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n", false)]
    [InlineData("DELETE / HTTP/1.1\r\nHost: h\r\n\r\n", false)]
    [InlineData("OPTIONS / HTTP/1.1\r\nHost: h\r\n\r\n", false)]
    [InlineData("PROPFIND / HTTP/1.1\r\nHost: h\r\n\r\n", false)]
    public async Task Only_GET_and_HEAD_without_a_body_go_to_new_replicas(string request, bool isNew)
    {
        Backend WithoutLength() => new(Scripts.Always("HTTP/1.1 200 OK\r\n\r\n", thenClose: true));
        await using var canary = new CanaryBalancer(WithoutLength(), old: [WithoutLength()]);
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(isNew ? "server_2" : "server_1", await canary.AskAsync(request));
        }

        await Quiet.UntilAsync(() => canary.OfNew.Attempts == (isNew ? 3 : 0), "those of the new one count");
        Assert.Equal(0, canary.OfOld.Attempts);
    }

    [Fact]
    public async Task A_share_of_the_requests_goes_to_new_replicas_and_both_sides_are_counted_alike()
    {
        await using var canary = new CanaryBalancer(new Backend(Scripts.Always(NotFound)), share: 2500);
        const int Requests = 400;
        using Wire client = await canary.Balancer.ConnectAsync();
        int fresh = 0;
        for (int i = 0; i < Requests; i++)
        {
            await client.SendAsync(CanaryBalancer.Get);
            Message answer = await client.ReadMessageAsync();
            bool isNew = answer.Field("X-Edge-Replica") == "server_2";
            Assert.Equal(isNew ? 404 : 200, answer.Status);
            fresh += isNew ? 1 : 0;
        }

        // A quarter, give or take six standard deviations. The sequence of a loop is always the same.
        Assert.InRange(fresh, 50, 150);
        await Quiet.UntilAsync(() => canary.OfNew.Attempts + canary.OfOld.Attempts == Requests, "all are counted");
        CanaryTally old = canary.OfOld, next = canary.OfNew;
        Assert.Equal((fresh, 0, fresh, fresh), (next.Attempts, next.Errors, next.ClientErrors, next.Response.Count));
        Assert.Equal((Requests - fresh, 0, 0, Requests - fresh), (old.Attempts, old.Errors, old.ClientErrors, old.Response.Count));
    }

    [Fact]
    public async Task What_an_old_replica_fails_counts_as_it_would_for_a_new_one()
    {
        var answers = new Queue<string>([
            "HTTP/1.1 500 Broken\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
            "",
            "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\ncut",
        ]);
        var old = new Backend(async wire =>
        {
            await wire.ReadMessageAsync();
            await wire.SendAsync(answers.Dequeue());
        });
        await using var canary = new CanaryBalancer(new Backend(Scripts.Echo), share: 1, old: [old]);
        foreach (int status in new[] { 500, 502, 200 })
        {
            Assert.Equal(status, (await canary.Balancer.AskAsync(CanaryBalancer.Get)).Status);
        }

        using Wire client = await canary.Balancer.ConnectAsync();
        await client.SendAsync(CanaryBalancer.Get);
        await client.ReadHeadAsync();
        await Quiet.UntilAsync(() => canary.OfOld.Errors == 3, "the cut one counts");
        CanaryTally figures = canary.OfOld;
        Assert.Equal((4, 0, 2), (figures.Attempts, figures.ClientErrors, figures.Response.Count));
    }

    [Fact]
    public async Task An_answer_of_an_old_replica_for_which_a_new_one_would_have_no_time_counts_as_none()
    {
        var isLate = new TaskCompletionSource();
        Func<Wire, Task> WaitingFor(string path, Task what) => async wire =>
        {
            while (true)
            {
                Message request = await wire.ReadMessageAsync();
                await (request.StartLine.Contains(path, StringComparison.Ordinal) ? what : Task.CompletedTask);
                await wire.SendAsync(Scripts.Ok);
            }
        };
        string Get(string path, int client) => $"GET {path} HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: 192.0.2.{client}\r\n\r\n";
        await using var canary = new CanaryBalancer(
            new Backend(WaitingFor("/hang", isLate.Task)), share: 5000, by: CanaryBy.Client, old: [new Backend(WaitingFor("/late", isLate.Task))],
            change: o => Trusting(o) with { Timeouts = o.Timeouts with { ResponseHead = TimeSpan.FromSeconds(3) } });
        int ofOld = 0, ofNew = 0;
        for (int client = 1; ofOld == 0 || ofNew == 0; client++)
        {
            bool isNew = await canary.AskAsync(Get("/", client)) == "server_2";
            (ofOld, ofNew) = isNew ? (ofOld, client) : (client, ofNew);
        }

        // The new one's time begins later, and when it is over an old one answers: so the first request has taken longer than that.
        using Wire late = await canary.Balancer.ConnectAsync();
        await late.SendAsync(Get("/late", ofOld));
        await Quiet.UntilAsync(() => canary.Old[0].Totals().InFlight == 1, "it waits");
        Assert.Equal("server_1", await canary.AskAsync(Get("/hang", ofNew)));
        isLate.SetResult();
        Assert.Equal(200, (await late.ReadMessageAsync()).Status);
        await Quiet.UntilAsync(() => canary.OfOld.Errors == 1, "it counts");
        Assert.Equal(1, canary.OfNew.Errors);
    }

    [Fact]
    public async Task A_retry_of_an_old_replica_is_not_counted_again()
    {
        await using var canary = new CanaryBalancer(
            new Backend(Scripts.Echo), share: 1,
            change: o => o with { Retries = new RetryOptions { Attempts = 3, Statuses = [503] }, Fleet = o.Fleet with { Pick = FleetPick.RoundRobin } },
            old: [new Backend(Scripts.ResetAfterHead), new Backend(Scripts.Always(Busy)), new Backend(Scripts.Echo)]);
        for (int i = 0; i < 6; i++)
        {
            Assert.Equal("server_3", await canary.AskAsync());
        }

        await Quiet.UntilAsync(() => canary.OfOld.Attempts == 6, "each request counts once");
        Assert.Equal((6, 0), (canary.OfOld.Errors, canary.OfOld.Response.Count));
        Assert.All(canary.Old, old => Assert.Equal(6, old.Totals().Requests));
    }

    [Fact]
    public async Task A_client_has_replicas_of_one_version_alone_whatever_connection_it_uses()
    {
        await using var canary = new CanaryBalancer(
            new Backend(Scripts.Echo), share: 5000, by: CanaryBy.Client, change: Trusting);
        int fresh = 0;
        const int Clients = 200;
        for (int i = 0; i < Clients; i++)
        {
            string request = $"GET / HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: 10.0.0.1, 203.0.113.{i}\r\n\r\n";
            string first = await canary.AskAsync(request);
            Assert.Equal(first, await canary.AskAsync(request.Replace("10.0.0.1", "10.0.0.2", StringComparison.Ordinal)));
            fresh += first == "server_2" ? 1 : 0;
        }

        // A half, give or take six standard deviations.
        Assert.InRange(fresh, 58, 142);
    }

    [Fact]
    public async Task Neighbours_of_one_network_are_one_client_with_IPv6()
    {
        await using var canary = new CanaryBalancer(
            new Backend(Scripts.Echo), share: 5000, by: CanaryBy.Client, change: Trusting);
        var names = new HashSet<string>();
        for (int network = 0; network < 40; network++)
        {
            string[] same = [.. await Task.WhenAll(Enumerable.Range(1, 3).Select(
                i => canary.AskAsync($"GET / HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: 2001:db8:0:{network:x}::{i:x}\r\n\r\n")))];
            Assert.Single(same.Distinct());
            names.Add(same[0]);
        }

        Assert.Equal(2, names.Count);
    }

    [Fact]
    public async Task A_new_replica_without_room_leaves_requests_to_the_old_ones_at_once()
    {
        var hanging = new Backend(Scripts.NeverAnswers);
        await using var canary = new CanaryBalancer(hanging, change: o => o with { Overload = o.Overload with { PerReplica = 1 } });
        using Wire first = await canary.Balancer.ConnectAsync();
        await first.SendAsync(CanaryBalancer.Get);
        await Quiet.UntilAsync(() => hanging.Connections == 1, "the new one has all that it may have");
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal("server_1", await canary.AskAsync());
        }

        // They had no choice, so they are not compared with those that had.
        Assert.Equal(0, canary.OfOld.Attempts);
        Assert.Equal(1, canary.New.Totals().Requests);
    }

    [Fact]
    public async Task A_new_replica_that_hangs_gets_no_more_than_a_few_requests_at_a_time()
    {
        var hanging = new Backend(Scripts.NeverAnswers);
        await using var canary = new CanaryBalancer(hanging, old: [new Backend(Scripts.Echo), new Backend(Scripts.Echo), new Backend(Scripts.Echo)]);
        var clients = new List<Wire>();
        for (int i = 1; i <= Limits.CanaryInFlight; i++)
        {
            Wire client = await canary.Balancer.ConnectAsync();
            clients.Add(client);
            await client.SendAsync(CanaryBalancer.Get);
            await Quiet.UntilAsync(() => hanging.Connections == i, "it waits");
        }

        for (int i = 0; i < 5; i++)
        {
            Assert.NotEqual("server_4", await canary.AskAsync());
        }

        Assert.Equal(Limits.CanaryInFlight, canary.New.Totals().Requests);
        clients.ForEach(client => client.Dispose());
    }

    [Fact]
    public async Task A_new_replica_that_hangs_beside_a_single_old_one_gets_no_more_than_twice_its_share()
    {
        var hanging = new Backend(Scripts.NeverAnswers);
        await using var canary = new CanaryBalancer(hanging, share: 2500);
        var clients = new List<Wire>();
        for (int i = 0; i < 1000 && canary.New.Totals().Requests < Limits.CanaryInFlight; i++)
        {
            long before = canary.New.Totals().Requests, old = canary.Old[0].Totals().Requests;
            Wire client = await canary.Balancer.ConnectAsync();
            clients.Add(client);
            await client.SendAsync(CanaryBalancer.Get);
            await Quiet.UntilAsync(() => canary.New.Totals().Requests > before || canary.Old[0].Totals().Requests > old, "one of them is asked");
        }

        Assert.Equal(Limits.CanaryInFlight, canary.New.Totals().Requests);
        for (int i = 0; i < 40; i++)
        {
            Assert.Equal("server_1", await canary.AskAsync());
        }

        Assert.Equal(Limits.CanaryInFlight, canary.New.Totals().Requests);
        clients.ForEach(client => client.Dispose());
    }

    [Fact]
    public async Task Without_a_new_replica_in_rotation_nothing_is_compared()
    {
        await using var canary = new CanaryBalancer(new Backend(Scripts.Echo));
        canary.Publish(canary.Old, []);
        Assert.Equal("server_1", await canary.AskAsync());
        canary.Balancer.Plane.Publish(new ReplicaTable(canary.Old));
        Assert.Equal("server_1", await canary.AskAsync());
        Assert.Equal((0, 0), (canary.OfOld.Attempts, canary.OfNew.Attempts));
    }

    [Fact]
    public async Task Figures_outlive_the_tables_of_a_deploy()
    {
        await using var canary = new CanaryBalancer(new Backend(Scripts.Echo));
        Assert.Equal("server_2", await canary.AskAsync());
        canary.Publish(canary.Old, [canary.New]);
        Assert.Equal("server_2", await canary.AskAsync());
        await Quiet.UntilAsync(() => canary.OfNew.Attempts == 2, "both count");
    }

    [Fact]
    public async Task A_client_that_leaves_says_nothing_about_a_replica()
    {
        var hanging = new Backend(Scripts.NeverAnswers);
        await using var canary = new CanaryBalancer(hanging);
        using (Wire client = await canary.Balancer.ConnectAsync())
        {
            await client.SendAsync(CanaryBalancer.Get);
            await Quiet.UntilAsync(() => hanging.Connections == 1, "it waits");
            client.Reset();
        }

        await Quiet.UntilAsync(() => canary.New.Totals().InFlight == 0, "nobody waits any more");
        Assert.Equal((0, 0), (canary.OfNew.Attempts, canary.OfNew.Errors));
    }

    [Fact]
    public async Task With_sticky_sessions_a_client_of_an_old_replica_stays_and_a_new_one_sets_no_cookie()
    {
        await using var canary = new CanaryBalancer(new Backend(Scripts.Echo), change: o => o with { Sticky = true });
        Message fresh = await canary.Balancer.AskAsync(CanaryBalancer.Get);
        Assert.Equal("server_2", fresh.Field("X-Edge-Replica"));
        Assert.Null(fresh.Field("Set-Cookie"));
        Message posted = await canary.Balancer.AskAsync("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n");
        Assert.Equal("server_1", posted.Field("X-Edge-Replica"));
        string cookie = posted.Field("Set-Cookie")!.Split(';')[0];
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal("server_1", await canary.AskAsync($"GET / HTTP/1.1\r\nHost: h\r\nCookie: {cookie}\r\n\r\n"));
        }

        Assert.Equal(0, canary.OfOld.Attempts);
    }

    [Fact]
    public async Task With_sticky_sessions_a_client_that_the_shield_takes_to_an_old_replica_stays_there()
    {
        await using var canary = new CanaryBalancer(new Backend(Scripts.ResetAfterHead), change: o => o with { Sticky = true });
        Message answer = await canary.Balancer.AskAsync(CanaryBalancer.Get);
        Assert.Equal("server_1", answer.Field("X-Edge-Replica"));
        Assert.StartsWith("edge_sticky=", answer.Field("Set-Cookie"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task New_replicas_are_asked_in_turn()
    {
        await using var canary = new CanaryBalancer(new Backend(Scripts.Echo), old: [new Backend(Scripts.Echo), new Backend(Scripts.Echo)]);
        canary.Publish([canary.Old[0]], [canary.Old[1], canary.New]);
        string[] names = [await canary.AskAsync(), await canary.AskAsync(), await canary.AskAsync(), await canary.AskAsync()];
        Assert.Equal(["server_2", "server_3", "server_2", "server_3"], names);
    }
}
