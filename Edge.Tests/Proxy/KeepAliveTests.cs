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
}
