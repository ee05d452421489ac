using Edge.Balancing;
using Edge.Proxy;
using Edge.Tests.Backends;

namespace Edge.Tests.Proxy;

public sealed class SuspicionTests
{
    [Theory]
    [InlineData(false, 5)]
    [InlineData(true, 3)]
    public async Task Failures_in_a_row_are_reported(bool byStatus, int after)
    {
        Func<Wire, Task> script = byStatus ? Scripts.Always("HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n") : Scripts.ResetAfterHead;
        await using var balancer = new TestBalancer(s => s with { Loops = 1, SuspectStatus = true }, null, new Backend(script));
        var suspected = new TaskCompletionSource<Replica>();
        balancer.Plane.Suspected += replica => suspected.TrySetResult(replica);
        balancer.Replicas[0].SuspectAfter = after;
        while (balancer.Replicas[0].Totals().Requests < after)
        {
            Assert.False(suspected.Task.IsCompleted);
            await balancer.GetAsync();
        }

        Assert.Same(balancer.Replicas[0], await suspected.Task.WaitAsync(TimeSpan.FromSeconds(20)));
    }

    [Fact]
    public async Task A_good_answer_in_between_begins_the_count_anew()
    {
        int requests = 0;
        var backend = new Backend(async wire =>
        {
            await wire.ReadMessageAsync();
            if (Interlocked.Increment(ref requests) % 3 == 0)
            {
                // It closes behind the answer, and says so: met in the pool, it would be one more failure.
                await wire.SendAsync("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok");
            }
            else
            {
                wire.Reset();
            }
        });
        await using var balancer = new TestBalancer(s => s with { Loops = 1 }, null, backend);
        int reports = 0;
        balancer.Plane.Suspected += _ => Interlocked.Increment(ref reports);
        balancer.Replicas[0].SuspectAfter = 3;
        for (int i = 0; i < 20; i++)
        {
            await balancer.GetAsync();
        }

        Assert.True(balancer.Replicas[0].Totals().Failures > 3);
        Assert.Equal(0, reports);
    }

    [Fact]
    public async Task A_status_that_sends_requests_elsewhere_is_a_failure_to_those_that_must_stay_too()
    {
        // Else the orders among the requests would begin the count anew, and the replica stay in for good.
        await using var balancer = new TestBalancer(
            s => s with { Loops = 1, Retries = new RetrySettings { Attempts = 2, Statuses = [503] } },
            null,
            new Backend(Scripts.Always("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n")),
            new Backend(Scripts.Echo));
        var suspected = new TaskCompletionSource<Replica>();
        balancer.Plane.Suspected += replica => suspected.TrySetResult(replica);
        balancer.Replicas[0].SuspectAfter = 3;
        for (int i = 0; i < 4; i++)
        {
            await balancer.GetAsync();
            await balancer.AskAsync("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n");
        }

        Assert.Same(balancer.Replicas[0], await suspected.Task.WaitAsync(TimeSpan.FromSeconds(20)));
    }

    [Fact]
    public async Task Without_a_number_nothing_is_reported()
    {
        await using var balancer = new TestBalancer(new Backend(Scripts.ResetAfterHead));
        int reports = 0;
        balancer.Plane.Suspected += _ => Interlocked.Increment(ref reports);
        for (int i = 0; i < 10; i++)
        {
            Assert.Equal(502, (await balancer.GetAsync()).Status);
        }

        Assert.Equal(0, reports);
    }
}
