using System.Net.Sockets;
using Edge.Tests.Backends;

namespace Edge.Tests.Proxy;

public sealed class KeepAliveTests
{
    /// <param name="milliseconds">Shorter than the pool's own four seconds.</param>
    [Theory]
    [InlineData(2_000)]
    [InlineData(200)]
    public async Task The_pool_learns_when_a_replica_closes_and_closes_before_it(int milliseconds)
    {
        int connections = 0;
        var keepAlive = TimeSpan.FromMilliseconds(milliseconds);
        var closedBy = System.Threading.Channels.Channel.CreateUnbounded<string>();
        var backend = new Backend(async wire =>
        {
            await wire.ReadMessageAsync();
            await wire.SendAsync(Scripts.Ok);
            Task<string> end = wire.ReadToEndAsync();
            // The second connection is for the balancer to close, which has learned when the replica would have.
            await Task.WhenAny(end, Task.Delay(Interlocked.Increment(ref connections) == 1 ? keepAlive : TimeSpan.FromSeconds(15)));
            closedBy.Writer.TryWrite(end.IsCompleted ? "balancer" : "replica");
        });
        await using var balancer = new TestBalancer(
            s => s with { Loops = 1, Timeouts = s.Timeouts with { PoolIdle = TimeSpan.FromHours(1) } }, null, backend);
        Assert.Equal(200, (await balancer.GetAsync()).Status);
        Assert.Equal("replica", await closedBy.Reader.ReadAsync(TestContext.Current.CancellationToken));
        Assert.Equal(200, (await balancer.GetAsync()).Status);
        Assert.Equal("balancer", await closedBy.Reader.ReadAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>
    /// Who closes first keeps the port for a minute: with a replica that wants no connection kept, they were used up by a few hundred requests a
    /// second.
    /// </summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_connection_that_is_not_kept_is_the_replicas_to_close_unless_it_takes_too_long(bool closes)
    {
        using var proxy = new HandTurnedProxy();
        Socket client = proxy.Ask();
        Socket upstream = proxy.Accept();
        proxy.Answer(upstream, "Connection: close\r\n");
        Assert.StartsWith("HTTP/1.1 200 ", proxy.Receive(client), StringComparison.Ordinal);

        // The turn that answered the client has ended: what the balancer was to close is closed.
        Assert.False(upstream.Poll(0, SelectMode.SelectRead));
        if (closes)
        {
            upstream.Shutdown(SocketShutdown.Send);
        }

        int registered = proxy.Loop.Registered;
        proxy.TurnUntil(() => proxy.Loop.Registered < registered);
        Assert.Empty(proxy.Receive(upstream));
    }
}
