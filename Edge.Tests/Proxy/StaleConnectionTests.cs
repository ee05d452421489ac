using Edge.Config;
using Edge.Proxy;
using Edge.Tests.Backends;

namespace Edge.Tests.Proxy;

/// <summary>Connections from the pool that end when they are used, before a byte of an answer has come. That is no failure of the replica.</summary>
public sealed class StaleConnectionTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
    private const string Put = "PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nbody";
    private const string Post = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\norder";

    // As many as the pool of a Debug build keeps.
    private const int Pooled = 4;

    private static readonly RetryOptions s_none = new() { Attempts = 1, BudgetPercent = 0, BudgetPerSecond = 0 };

    [Theory]
    [InlineData(Get, true)]
    [InlineData(Get, false)]
    [InlineData(Put, true)]
    public async Task However_many_have_died_in_the_pool_each_request_is_answered_and_nothing_is_spent_on_it(string request, bool resets)
    {
        var together = new Together(Pooled);
        await using var balancer = new TestBalancer(s => s with { Loops = 1, Retries = s_none }, null, new Backend(async wire =>
        {
            await wire.ReadMessageAsync();
            await together.AllAsync();
            await wire.SendAsync(Scripts.Ok);
            await wire.ReadMessageAsync();
            End(wire, resets);
        }));
        await Task.WhenAll(Enumerable.Range(0, Pooled).Select(_ => balancer.GetAsync()));
        for (int i = 0; i < 16; i++)
        {
            Assert.Equal(200, (await balancer.AskAsync(request)).Status);
        }

        Assert.Equal(0, balancer.Replicas[0].Totals().Failures);
        Assert.True(Stale(balancer) > 0);
    }

    [Fact]
    public async Task A_POST_is_not_sent_again_but_is_no_failure_of_the_replica_either()
    {
        await using var balancer = new TestBalancer(s => s with { Loops = 1 }, null, new Backend(Scripts.ResetOnReuse), new Backend(Scripts.ResetOnReuse));
        Assert.Equal(200, (await balancer.GetAsync()).Status);
        Assert.Equal(200, (await balancer.GetAsync()).Status);
        Assert.Equal(502, (await balancer.AskAsync(Post)).Status);
        Assert.Equal(0, balancer.Replicas.Sum(r => r.Totals().Failures));
        Assert.Equal(3, balancer.Replicas.Sum(r => r.Totals().Requests));
    }

    [Fact]
    public async Task A_request_that_fails_on_a_new_connection_too_is_a_failure()
    {
        int connections = 0;
        await using var balancer = new TestBalancer(s => s with { Loops = 1, Retries = s_none }, null, new Backend(async wire =>
        {
            await wire.ReadMessageAsync();
            if (Interlocked.Increment(ref connections) == 1)
            {
                await wire.SendAsync(Scripts.Ok);
                await wire.ReadMessageAsync();
            }

            wire.Reset();
        }));
        Assert.Equal(200, (await balancer.GetAsync()).Status);
        Assert.Equal(502, (await balancer.GetAsync()).Status);
        Assert.Equal((2, 1L), (connections, balancer.Replicas[0].Totals().Failures));
    }

    /// <summary>A server that ends a worker which takes too long ends its connection, too.</summary>
    [Fact]
    public async Task A_connection_that_ends_later_has_ended_for_what_was_asked()
    {
        await using var balancer = new TestBalancer(s => s with { Loops = 1, Retries = s_none }, null, new Backend(async wire =>
        {
            await wire.ReadMessageAsync();
            await wire.SendAsync(Scripts.Ok);
            await wire.ReadMessageAsync();
            await Task.Delay(Edge.Config.Limits.StaleMilliseconds + 200);
        }));
        Assert.Equal(200, (await balancer.GetAsync()).Status);
        Assert.Equal(502, (await balancer.GetAsync()).Status);
        Assert.Equal((1L, 0L), (balancer.Replicas[0].Totals().Failures, Stale(balancer)));
    }

    /// <summary>Half an answer is an answer that broke off, on a new connection and on a pooled one.</summary>
    [Fact]
    public async Task An_answer_that_has_begun_is_no_stale_connection()
    {
        await using var balancer = new TestBalancer(s => s with { Loops = 1, Retries = s_none }, null, new Backend(async wire =>
        {
            await wire.ReadMessageAsync();
            await wire.SendAsync(Scripts.Ok);
            await wire.ReadMessageAsync();
            await wire.SendAsync("HTTP/1.1 200 O");
        }));
        Assert.Equal(200, (await balancer.GetAsync()).Status);
        Assert.Equal(502, (await balancer.GetAsync()).Status);
        Assert.Equal((1L, 0L), (balancer.Replicas[0].Totals().Failures, Stale(balancer)));
    }

    /// <summary>Some servers close behind each answer, say nothing of it, and are not seen to do so until the connection is used.</summary>
    [Fact]
    public async Task A_replica_whose_connections_never_carry_a_second_answer_is_soon_asked_over_new_ones()
    {
        await using var balancer = new TestBalancer(s => s with { Loops = 1, Retries = s_none }, null, new Backend(Scripts.ResetOnReuse));
        for (int i = 0; i < 40; i++)
        {
            Assert.Equal(200, (await balancer.GetAsync()).Status);
        }

        // Half of them would have met one; after the first two only those behind a pause do, and pauses become longer.
        Assert.InRange(Stale(balancer), 1, 12);
    }

    private static long Stale(TestBalancer balancer) => balancer.Plane.Figures(0).Retries[(int)Edge.Telemetry.Reason.StaleConnection];

    private static void End(Wire wire, bool resets)
    {
        if (resets)
        {
            wire.Reset();
        }
    }

    /// <summary>Holds all until so many have come; later ones go on at once.</summary>
    private sealed class Together(int count)
    {
        private readonly TaskCompletionSource _all = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _there;

        internal Task AllAsync()
        {
            if (Interlocked.Increment(ref _there) == count)
            {
                _all.SetResult();
            }

            return _all.Task;
        }
    }
}
