using Edge.Tests.Backends;

namespace Edge.Tests.Proxy;

/// <summary>What becomes of a request whose client leaves.</summary>
public sealed class AbandonedTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
    private const string Post = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\norder";

    [Theory]
    [InlineData(Get, true, "cut")]
    [InlineData("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", true, "cut")]
    [InlineData("PROPFIND / HTTP/1.1\r\nHost: h\r\nDepth: 1\r\n\r\n", true, "cut")]
    [InlineData("QUERY / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\na=b", true, "cut")]
    [InlineData("MKCOL / HTTP/1.1\r\nHost: h\r\n\r\n", true, "finished")]
    [InlineData(Post, true, "finished")]
    [InlineData(Post, false, "cut")]
    [InlineData("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 6\r\n\r\norder", true, "cut")]
    public async Task A_POST_that_the_replica_has_whole_is_finished_and_all_else_is_cut(string request, bool finishes, string outcome)
    {
        var arrived = new TaskCompletionSource();
        var goOn = new TaskCompletionSource();
        var ended = new TaskCompletionSource<string>();
        var backend = new Backend(async wire =>
        {
            await wire.ReadExactlyAsync(request.Length - 10);
            arrived.SetResult();
            await Task.WhenAny(goOn.Task, wire.ReadToEndAsync());
            ended.TrySetResult(goOn.Task.IsCompleted ? "finished" : "cut");
            await wire.SendAsync(Scripts.Ok);
        });
        await using var balancer = new TestBalancer(s => s with { Forwarding = new() { FinishAbandoned = finishes } }, null, backend);
        using (Wire client = await balancer.ConnectAsync())
        {
            await client.SendAsync(request);
            await arrived.Task.WaitAsync(TimeSpan.FromSeconds(20));
            client.Reset();
        }

        if (outcome == "finished")
        {
            // The client is gone for the balancer too, and the order still counts as in flight.
            await Quiet.UntilAsync(() => balancer.Plane.Report().Sum(r => r.Connections) == 0, "the client is gone");
            Assert.Equal(1, balancer.Replicas[0].Totals().InFlight);
            goOn.SetResult();
        }

        Assert.Equal(outcome, await ended.Task.WaitAsync(TimeSpan.FromSeconds(20)));
        await Quiet.UntilAsync(() => balancer.Replicas[0].Totals().InFlight == 0, "nothing is in flight");
    }

    [Fact]
    public async Task An_abandoned_request_does_not_hold_a_released_replica_for_ever()
    {
        var arrived = new TaskCompletionSource();
        var backend = new Backend(async wire =>
        {
            await wire.ReadExactlyAsync(Post.Length);
            arrived.SetResult();
            await wire.ReadToEndAsync();
        });
        await using var balancer = new TestBalancer(backend);
        using (Wire client = await balancer.ConnectAsync())
        {
            await client.SendAsync(Post);
            await arrived.Task.WaitAsync(TimeSpan.FromSeconds(20));
            client.Reset();
        }

        await Quiet.UntilAsync(() => balancer.Plane.Report().Sum(r => r.Connections) == 0, "the client is gone");
        balancer.Plane.Publish(new Edge.Routing.ReplicaTable([]));
        Assert.Equal(0, (await balancer.Plane.ReleaseAsync(balancer.Replicas[0], TimeSpan.FromMilliseconds(100))).Cut);
        Assert.Equal(0, balancer.Replicas[0].Totals().InFlight);
    }
}
