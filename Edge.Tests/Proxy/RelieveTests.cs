using Edge.Routing;
using Edge.Tests.Backends;

namespace Edge.Tests.Proxy;

/// <summary>A replica that is found unwell while requests wait for it.</summary>
public sealed class RelieveTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
    private const string Post = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx";

    [Fact]
    public async Task A_request_that_may_be_repeated_goes_to_another_replica()
    {
        (TestBalancer balancer, Backend hanging) = Begin();
        await using TestBalancer _ = balancer;
        using Wire client = await balancer.ConnectAsync();
        await client.SendAsync(Get);
        await Quiet.UntilAsync(() => hanging.Connections == 1, "the request waits");
        balancer.Plane.Publish(new ReplicaTable([balancer.Replicas[1]]));
        balancer.Plane.Relieve(balancer.Replicas[0]);
        Assert.Equal("server_2", (await client.ReadMessageAsync()).Field("X-Edge-Replica"));
    }

    [Fact]
    public async Task A_POST_stays_with_its_replica_and_so_does_every_request_if_there_is_no_other_replica()
    {
        (TestBalancer balancer, Backend hanging) = Begin();
        await using TestBalancer _ = balancer;
        using Wire order = await balancer.ConnectAsync();
        await order.SendAsync(Post);
        await Quiet.UntilAsync(() => hanging.Connections == 1, "the order waits");
        balancer.Plane.Publish(new ReplicaTable([balancer.Replicas[1]]));
        balancer.Plane.Relieve(balancer.Replicas[0]);
        using Wire client = await balancer.ConnectAsync();
        await client.SendAsync(Get);
        Assert.Equal("server_2", (await client.ReadMessageAsync()).Field("X-Edge-Replica"));
        Assert.Equal(1, balancer.Replicas[0].Totals().InFlight);

        balancer.Plane.Publish(ReplicaTable.Empty);
        balancer.Plane.Relieve(balancer.Replicas[0]);
        await client.SendAsync(Get);
        Assert.Equal(503, (await client.ReadMessageAsync()).Status);
        Assert.Equal(1, balancer.Replicas[0].Totals().InFlight);
        Assert.Equal(0, balancer.Replicas[0].Totals().Failures);
        await balancer.Plane.ReleaseAsync(balancer.Replicas[0], TimeSpan.Zero);
        Assert.Equal(503, (await order.ReadMessageAsync()).Status);
    }

    // One loop, whose table has the replica that hangs alone at first.
    private static (TestBalancer Balancer, Backend Hanging) Begin()
    {
        var hanging = new Backend(Scripts.NeverAnswers);
        var balancer = new TestBalancer(s => s with { Loops = 1 }, null, hanging, new Backend(Scripts.Echo));
        balancer.Plane.Publish(new ReplicaTable([balancer.Replicas[0]]));
        return (balancer, hanging);
    }
}
