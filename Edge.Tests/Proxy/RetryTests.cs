using Edge.Config;
using Edge.Proxy;
using Edge.Tests.Backends;

namespace Edge.Tests.Proxy;

public sealed class RetryTests
{
    private const string Busy = "HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy";

    [Theory]
    [InlineData(1, 502)]
    [InlineData(2, 502)]
    [InlineData(3, 200)]
    public async Task As_many_replicas_are_tried_as_the_options_say(int attempts, int status)
    {
        await using TestBalancer balancer = Balancer(
            new RetryOptions { Attempts = attempts }, new Backend(Scripts.ResetAfterHead), new Backend(Scripts.ResetAfterHead), new Backend(Scripts.Echo));
        // No matter which replica comes first: the third attempt at the latest finds the one that answers.
        Message answer = await balancer.GetAsync("/a");
        for (int i = 0; i < 3 && answer.Status == 200 && status != 200; i++)
        {
            answer = await balancer.GetAsync("/a");
        }

        Assert.Equal(status, answer.Status);
    }

    [Theory]
    [InlineData("PROPFIND", 200)]
    [InlineData("REPORT", 200)]
    [InlineData("SEARCH", 200)]
    [InlineData("QUERY", 200)]
    [InlineData("PROPPATCH", 200)]
    [InlineData("MKCOL", 200)]
    [InlineData("COPY", 200)]
    [InlineData("MOVE", 200)]
    [InlineData("UNLINK", 200)]
    [InlineData("POST", 502)]
    [InlineData("PATCH", 502)]
    [InlineData("LOCK", 502)]
    [InlineData("PURGE", 502)]
    [InlineData("propfind", 502)]
    public async Task A_request_is_sent_again_where_the_registry_says_that_its_method_may_act_twice(string method, int status)
    {
        await using var balancer = new TestBalancer(
            s => s with { Loops = 1, Fleet = new() { Pick = FleetPick.RoundRobin } }, null, new Backend(Scripts.ResetAfterHead), new Backend(Scripts.Echo));
        int[] statuses = new int[4];
        for (int i = 0; i < statuses.Length; i++)
        {
            statuses[i] = (await balancer.AskAsync($"{method} /a HTTP/1.1\r\nHost: h\r\n\r\n")).Status;
        }

        // Half of them met the broken one first.
        Assert.Equal([200, 200, status, status], statuses.Order());
    }

    [Fact]
    public async Task Beyond_the_retry_budget_the_client_gets_the_failure()
    {
        await using TestBalancer balancer = Balancer(
            new RetryOptions { BudgetPercent = 0, BudgetPerSecond = 0 }, new Backend(Scripts.ResetAfterHead), new Backend(Scripts.ResetAfterHead));
        Assert.Equal(502, (await balancer.GetAsync()).Status);
        Assert.Equal(1, balancer.Replicas.Sum(r => r.Totals().Requests));
    }

    [Fact]
    public async Task A_dying_fleet_gets_no_more_than_its_budget_on_top()
    {
        await using TestBalancer balancer = Balancer(
            new RetryOptions { BudgetPercent = 20, BudgetPerSecond = 0 }, new Backend(Scripts.ResetAfterHead), new Backend(Scripts.ResetAfterHead));
        const int Requests = 200;
        for (int i = 0; i < Requests; i++)
        {
            Assert.Equal(502, (await balancer.GetAsync()).Status);
        }

        Assert.InRange(balancer.Replicas.Sum(r => r.Totals().Requests), Requests + 1, Requests * 120 / 100);
    }

    [Fact]
    public async Task Requests_of_a_lost_replica_take_nothing_of_the_retry_budget_if_another_replica_is_sound()
    {
        var none = new RetryOptions { BudgetPercent = 0, BudgetPerSecond = 0 };
        await using var balancer = new TestBalancer(
            s => s with { Loops = 1, Retries = none, Fleet = new() { Pick = FleetPick.RoundRobin } },
            null, new Backend(Scripts.ResetAfterHead), new Backend(Scripts.Echo));
        balancer.Replicas[0].EjectAfter = 2;
        int[] statuses = new int[10];
        for (int i = 0; i < statuses.Length; i++)
        {
            statuses[i] = (await balancer.GetAsync()).Status;
        }

        // Until it is certain that it is lost, which takes two failures, there is no budget to go elsewhere.
        Assert.Equal([200, 200, 200, 200, 200, 200, 200, 200, 502, 502], statuses.Order());
        Assert.True(balancer.Replicas[0].Totals().Failures > 2);
    }

    [Fact]
    public async Task If_no_replica_is_sound_the_retry_budget_holds_for_lost_replicas_too()
    {
        var none = new RetryOptions { BudgetPercent = 0, BudgetPerSecond = 0 };
        await using var balancer = new TestBalancer(
            s => s with { Loops = 1, Retries = none }, null, new Backend(Scripts.ResetAfterHead), new Backend(Scripts.ResetAfterHead));
        Array.ForEach(balancer.Replicas, r => r.EjectAfter = 1);
        for (int i = 0; i < 10; i++)
        {
            Assert.Equal(502, (await balancer.GetAsync()).Status);
        }

        // The first failure had a replica beside it of which nothing bad was known.
        Assert.InRange(balancer.Replicas.Sum(r => r.Totals().Requests), 10, 11);
    }

    [Fact]
    public async Task No_attempt_begins_after_the_time_for_attempts()
    {
        await using TestBalancer balancer = Balancer(
            new RetryOptions { Within = TimeSpan.Zero }, new Backend(Scripts.ResetAfterHead), new Backend(Scripts.ResetAfterHead));
        Assert.Equal(502, (await balancer.GetAsync()).Status);
        Assert.Equal(1, balancer.Replicas.Sum(r => r.Totals().Requests));
    }

    [Fact]
    public async Task A_status_that_asks_for_another_replica_gets_one()
    {
        await using TestBalancer balancer = Balancer(
            new RetryOptions { Statuses = [503], BudgetPerSecond = 100 }, new Backend(Scripts.Always(Busy)), new Backend(Scripts.Echo));
        for (int i = 0; i < 6; i++)
        {
            Message answer = await balancer.GetAsync($"/{i}");
            Assert.Equal((200, "server_2"), (answer.Status, answer.Field("X-Edge-Replica")));
            Assert.Contains($"GET /{i} ", answer.Text, StringComparison.Ordinal);
        }

        Assert.True(balancer.Replicas[0].Totals().Requests > 0);
    }

    [Fact]
    public async Task Where_every_replica_is_busy_the_last_answer_goes_to_the_client()
    {
        await using TestBalancer balancer = Balancer(
            new RetryOptions { Statuses = [503] }, new Backend(Scripts.Always(Busy)), new Backend(Scripts.Always(Busy)));
        Message answer = await balancer.GetAsync();
        Assert.Equal((503, "busy"), (answer.Status, answer.Text));
        Assert.Equal(3, balancer.Replicas.Sum(r => r.Totals().Requests));
    }

    [Fact]
    public async Task Other_statuses_and_methods_are_answered_as_they_are()
    {
        await using TestBalancer balancer = Balancer(
            new RetryOptions { Statuses = [502, 504] }, new Backend(Scripts.Always(Busy)), new Backend(Scripts.Always(Busy)));
        Assert.Equal(503, (await balancer.GetAsync()).Status);
        Assert.Equal(1, balancer.Replicas.Sum(r => r.Totals().Requests));

        await using TestBalancer other = Balancer(new RetryOptions { Statuses = [503] }, new Backend(Scripts.Always(Busy)), new Backend(Scripts.Always(Busy)));
        Assert.Equal(503, (await other.AskAsync("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx")).Status);
        Assert.Equal(1, other.Replicas.Sum(r => r.Totals().Requests));
    }

    [Theory]
    [InlineData("NeverAnswers", "server_1 had not answered within the time for the whole request")]
    [InlineData("StopsMidBody", "")]
    public async Task The_time_for_the_whole_request_ends_it_in_any_phase(string shape, string text)
    {
        Func<Wire, Task> script = shape == "NeverAnswers" ? Scripts.NeverAnswers : async wire =>
        {
            await wire.ReadMessageAsync();
            await wire.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nonly this");
            await wire.ReadToEndAsync();
        };
        await using var balancer = new TestBalancer(s => s with { Timeouts = new() { Request = TimeSpan.FromMilliseconds(300) } }, null, new Backend(script));
        using Wire client = await balancer.ConnectAsync();
        await client.SendAsync("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
        if (text.Length > 0)
        {
            Message answer = await client.ReadMessageAsync();
            Assert.Equal(504, answer.Status);
            Assert.Contains(text, answer.Text, StringComparison.Ordinal);
        }
        else
        {
            await Assert.ThrowsAsync<EndOfStreamException>(() => client.ReadMessageAsync());
        }
    }

    [Theory]
    [InlineData("garbage\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxy")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Le")]
    public async Task A_bad_answer_is_dropped_and_the_request_retried_if_the_client_has_seen_none_of_it(string response)
    {
        await using TestBalancer balancer = Balancer(
            new RetryOptions { BudgetPerSecond = 100 }, new Backend(Scripts.Always(response, thenClose: true)), new Backend(Scripts.Echo));
        for (int i = 0; i < 6; i++)
        {
            Message answer = await balancer.GetAsync($"/{i}");
            Assert.Equal((200, "server_2"), (answer.Status, answer.Field("X-Edge-Replica")));
            Assert.Contains($"GET /{i} ", answer.Text, StringComparison.Ordinal);
        }

        Assert.True(balancer.Replicas[0].Totals().Failures > 0);
    }

    [Fact]
    public async Task A_POST_that_got_a_bad_answer_is_not_repeated()
    {
        var other = new Backend(Scripts.Always("garbage\r\n\r\n"));
        await using TestBalancer balancer = Balancer(new RetryOptions(), new Backend(Scripts.Always("garbage\r\n\r\n")), other);
        Message answer = await balancer.AskAsync("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx");
        Assert.Equal(502, answer.Status);
        Assert.Equal(1, balancer.Replicas.Sum(r => r.Totals().Requests));
    }

    [Fact]
    public async Task Behind_an_interim_response_nothing_begins_anew()
    {
        await using TestBalancer balancer = Balancer(
            new RetryOptions(),
            new Backend(Scripts.Always("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", thenClose: true)),
            new Backend(Scripts.Always("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", thenClose: true)));
        using Wire client = await balancer.ConnectAsync();
        await client.SendAsync("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
        Assert.Equal(103, (await client.ReadMessageAsync()).Status);
        Assert.Equal(502, (await client.ReadMessageAsync()).Status);
        Assert.Equal(1, balancer.Replicas.Sum(r => r.Totals().Requests));
    }

    [Theory]
    [InlineData("GET", 200)]
    [InlineData("POST", 504)]
    public async Task A_replica_that_does_not_answer_in_time_is_passed_over_where_that_is_safe(string method, int status)
    {
        await using var balancer = new TestBalancer(
            s => s with { Timeouts = new() { ResponseHead = TimeSpan.FromMilliseconds(200) }, Loops = 1 },
            null, new Backend(Scripts.NeverAnswers), new Backend(Scripts.Echo));
        // One of the two begins; by the second request both have had their turn.
        int[] answers = [(await Ask()).Status, (await Ask()).Status];
        Assert.Contains(status, answers);
        Assert.Contains(200, answers);
        Assert.True(balancer.Replicas[0].Totals().Failures > 0);

        Task<Message> Ask() => balancer.AskAsync($"{method} / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx");
    }

    // In turn: that no other than the failing ones is asked is what makes attempts fail.
    private static TestBalancer Balancer(RetryOptions retries, params Backend[] backends) =>
        new(s => s with { Retries = retries, Fleet = new() { Pick = FleetPick.RoundRobin } }, null, backends);
}
