using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Edge.Config;
using Edge.Proxy;
using Edge.Routing;
using Edge.Tests.Backends;

namespace Edge.Tests.Proxy;

/// <summary>A replica that fails at once has the least to do of all, and draws no requests by it.</summary>
public sealed class FailurePenaltiesTests
{
    [Theory]
    [InlineData("HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("")]
    [InlineData("no HTTP at all\r\n\r\n")]
    public async Task A_replica_that_fails_at_once_gets_a_request_a_second_while_the_others_are_idle(string answer)
    {
        await using var balancer = new TestBalancer(
            s => s with { Loops = 1, Retries = new() { Attempts = 1 } },
            null,
            new Backend(answer.Length > 0 ? Scripts.Always(answer, thenClose: true) : Scripts.ResetAfterHead),
            new Backend(Scripts.Echo),
            new Backend(Scripts.Echo));
        var since = Stopwatch.StartNew();
        int[] statuses = new int[300];
        for (int i = 0; i < statuses.Length; i++)
        {
            statuses[i] = (await balancer.GetAsync()).Status;
        }

        // Of the first second one; the clock of the loop may be a little behind, so there is one to spare.
        Assert.InRange(balancer.Replicas[0].Totals().Requests, 1, 2 + (long)since.Elapsed.TotalSeconds);
        Assert.Equal(balancer.Replicas[0].Totals().Requests, statuses.Count(s => s >= 500));
    }

    [Fact]
    public async Task A_replica_that_cannot_be_connected_to_gets_a_request_a_second_too()
    {
        using var closed = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        closed.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        await using var balancer = new TestBalancer(s => s with { Loops = 1 }, null, new Backend(Scripts.Echo));
        var gone = new Replica(10, "gone", (IPEndPoint)closed.LocalEndPoint!, 1, 1);
        balancer.Plane.Publish(new ReplicaTable([gone, balancer.Replicas[0]]));
        var since = Stopwatch.StartNew();
        for (int i = 0; i < 200; i++)
        {
            Assert.Equal(200, (await balancer.GetAsync()).Status);
        }

        Assert.InRange(gone.Totals().Requests, 1, 2 + (long)since.Elapsed.TotalSeconds);
    }

    [Fact]
    public void A_penalty_ends_after_its_time()
    {
        var places = new FailurePenalties(loop: 0);
        Replica one = Make(0), other = Make(1);
        places.Keep(one, 100);
        places.Keep(other, 100);
        places.Keep(one, 600);
        Assert.Equal((2, 1), (Held(one), Held(other)));
        places.Expire(99 + Limits.FailurePenaltyMilliseconds);
        Assert.Equal((2, 1), (Held(one), Held(other)));
        places.Expire(100 + Limits.FailurePenaltyMilliseconds);
        Assert.Equal((1, 0), (Held(one), Held(other)));

        // A new penalty also removes those that are over: with RoundRobin nothing else would.
        places.Keep(other, 600 + Limits.FailurePenaltyMilliseconds);
        Assert.Equal((0, 1), (Held(one), Held(other)));
    }

    [Fact]
    public void The_number_of_penalties_is_bounded_and_the_oldest_give_way()
    {
        var places = new FailurePenalties(loop: 0);
        Replica first = Make(0), second = Make(1);
        places.Keep(first, 0);
        for (int i = 1; i < Limits.FailurePenalties; i++)
        {
            places.Keep(second, i % 2);
        }

        Assert.Equal((1, Limits.FailurePenalties - 1), (Held(first), Held(second)));
        places.Keep(second, 2);
        Assert.Equal((0, Limits.FailurePenalties), (Held(first), Held(second)));
        places.Expire(long.MaxValue);
        Assert.Equal((0, 0), (Held(first), Held(second)));
    }

    private static long Held(Replica replica) => replica.CountersOf(0).Held;

    private static Replica Make(int slot) => new(slot, $"server_{slot}", new IPEndPoint(IPAddress.Loopback, 8000 + slot), 1, 1);
}
