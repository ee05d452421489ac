using Edge.Tests.Backends;

namespace Edge.Tests.Proxy;

public sealed class KeepAliveTests
{
    [Fact]
    public async Task The_pool_learns_when_a_replica_closes_and_closes_before_it()
    {
        // Shorter than the pool's own four seconds.
        var keepAlive = TimeSpan.FromSeconds(2);
        var closedBy = System.Threading.Channels.Channel.CreateUnbounded<string>();
        var backend = new Backend(async wire =>
        {
            await wire.ReadMessageAsync();
            await wire.SendAsync(Scripts.Ok);
            Task<string> end = wire.ReadToEndAsync();
            await Task.WhenAny(end, Task.Delay(keepAlive));
            closedBy.Writer.TryWrite(end.IsCompleted ? "balancer" : "replica");
        });
        await using var balancer = new TestBalancer(s => s with { Loops = 1 }, null, backend);
        Assert.Equal(200, (await balancer.GetAsync()).Status);
        Assert.Equal("replica", await closedBy.Reader.ReadAsync(TestContext.Current.CancellationToken));
        Assert.Equal(200, (await balancer.GetAsync()).Status);
        Assert.Equal("balancer", await closedBy.Reader.ReadAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>Who closes first keeps the port for a minute: with a replica that wants no connection kept, they were used up by a few hundred requests a second.</summary>
    [Fact]
    public async Task A_connection_that_is_not_kept_leaves_no_port_behind()
    {
        var ended = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var backend = new Backend(async wire =>
        {
            await wire.ReadMessageAsync();
            await wire.SendAsync("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok");
            try
            {
                await wire.ReadToEndAsync();
                ended.SetResult("closed");
            }
            catch (System.Net.Sockets.SocketException e)
            {
                ended.SetResult(e.SocketErrorCode.ToString());
            }
        });
        await using var balancer = new TestBalancer(s => s with { Loops = 1 }, null, backend);
        Assert.Equal(200, (await balancer.GetAsync()).Status);
        Assert.Equal("ConnectionReset", await ended.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken));
    }
}
