using System.Net;
using System.Net.Sockets;
using Edge.Proxy;
using Edge.Routing;
using Edge.Tests.Backends;

namespace Edge.Tests.Proxy;

/// <summary>No replica is there, but one is on its way.</summary>
public sealed class HealingTests
{
    private const string NoReplica = "{\"message\":\"<Error> No server container found for this request\",\"status\":\"failure\"}";

    [Fact]
    public async Task A_request_waits_for_a_replica_that_is_started_again()
    {
        await using TestBalancer balancer = Balancer(TimeSpan.FromSeconds(20), out Task<Message> answer);
        await Quiet.UntilAsync(() => balancer.Plane.Report()[0].Waiting == 1, "it waits");
        balancer.Plane.Publish(new ReplicaTable(balancer.Replicas));
        Assert.Equal(200, (await answer).Status);
    }

    [Fact]
    public async Task Requests_that_wait_for_a_replica_get_503_when_it_will_not_come_back()
    {
        await using TestBalancer balancer = Balancer(TimeSpan.FromSeconds(20), out Task<Message> answer);
        await Quiet.UntilAsync(() => balancer.Plane.Report()[0].Waiting == 1, "it waits");
        balancer.Plane.Publish(ReplicaTable.Empty);
        AssertIsNone(await answer);
        AssertIsNone(await balancer.GetAsync());
    }

    [Fact]
    public async Task Requests_that_wait_for_a_replica_for_too_long_get_503()
    {
        await using TestBalancer balancer = Balancer(TimeSpan.FromMilliseconds(100), out Task<Message> answer);
        AssertIsNone(await answer);
    }

    [Theory]
    [InlineData(true, 200)]
    [InlineData(false, 502)]
    public async Task Replicas_that_all_end_at_once_are_waited_for_if_they_are_the_balancers_own(bool isOwned, int status)
    {
        await using var next = new Backend(Scripts.Echo);
        int asked = 0;
        TestBalancer? asking = null;
        async Task EndAsync(Wire wire)
        {
            await wire.ReadHeadAsync();
            if (Interlocked.Increment(ref asked) == 3)
            {
                // What takes their place is there at the moment in which the last one ends.
                asking!.Plane.Publish(new ReplicaTable([new Replica(9, "server_9", next.Address, 1, 1)]) { IsOwned = isOwned });
            }

            wire.Reset();
        }

        await using var balancer = new TestBalancer(
            s => s with { Loops = 1, Overload = new() { Queue = 10 } }, null, new Backend(EndAsync), new Backend(EndAsync), new Backend(EndAsync));
        asking = balancer;
        balancer.Plane.Publish(new ReplicaTable(balancer.Replicas) { IsOwned = isOwned });
        Assert.Equal(status, (await balancer.GetAsync()).Status);
        Assert.Equal(3, asked);
    }

    [Theory]
    [InlineData(true, 200)]
    [InlineData(false, 502)]
    public async Task The_only_replica_that_refuses_is_asked_again_in_a_moment_if_it_is_the_balancers_own(bool isOwned, int status)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        await using var balancer = new TestBalancer(s => s with { Loops = 1, Overload = new() { Queue = 10 } }, null);
        balancer.Plane.Publish(new ReplicaTable([new Replica(0, "server_1", (IPEndPoint)socket.LocalEndPoint!, 1, 1)]) { IsOwned = isOwned });
        Task<Message> answer = balancer.GetAsync();
        if (isOwned)
        {
            await Quiet.UntilAsync(() => balancer.Plane.Report()[0].Waiting == 1, "it waits");
            socket.Listen();
            using var replica = new Wire(await socket.AcceptAsync(TestContext.Current.CancellationToken), TestContext.Current.CancellationToken);
            await replica.ReadMessageAsync();
            await replica.SendAsync(Scripts.Ok);
            Assert.Equal(status, (await answer).Status);
            return;
        }

        Assert.Equal(status, (await answer).Status);
    }

    private static void AssertIsNone(Message answer)
    {
        Assert.Equal((503, NoReplica), (answer.Status, answer.Text));
        Assert.NotNull(answer.Field("Retry-After"));
    }

    // A request has come while the only replica is being started again.
    private static TestBalancer Balancer(TimeSpan patience, out Task<Message> answer)
    {
        var balancer = new TestBalancer(s => s with { Loops = 1, Overload = new() { Queue = 10, QueueWait = patience } }, null, new Backend(Scripts.Echo));
        balancer.Plane.Publish(new ReplicaTable([]) { IsOwned = true, IsHealing = true });
        answer = balancer.GetAsync();
        return balancer;
    }
}
