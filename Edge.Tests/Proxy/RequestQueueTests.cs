using System.Net.Sockets;
using Edge.Config;
using Edge.Proxy;
using Edge.Routing;
using Edge.Tests.Backends;

namespace Edge.Tests.Proxy;

/// <summary>Who is let in, and when.</summary>
public sealed class RequestQueueTests
{
    private const int ReplicaPort = 9001;
    private const int ListenPort = 9002;
    private const int ClientPort = 9003;

    [Fact]
    public void All_requests_that_there_is_room_for_leave_the_queue_in_one_turn()
    {
        using var proxy = new HandTurnedProxy(new OverloadOptions { InFlight = 1, Queue = 1000 });
        ProxyLoop loop = proxy.Loop;

        // One in flight, as many as one turn lets in, and one more.
        int clients = 1 + Limits.EventsPerWait + 1;
        for (int i = 0; i < clients; i++)
        {
            proxy.Ask();
        }

        proxy.TurnUntil(() => loop.Services.Default.Queue.Count == clients - 1);
        proxy.Table.Change(routing => routing.With(Service.Default, proxy.Options with { Overload = new() }));
        loop.Turn(waits: false);
        Assert.Equal((1, clients - 1), (loop.Services.Default.Queue.Count, loop.Services.Default.Queue.InFlight));
        loop.Turn(waits: false);
        Assert.Equal((0, clients), (loop.Services.Default.Queue.Count, loop.Services.Default.Queue.InFlight));
    }

    [Fact]
    public void A_request_that_leaves_when_its_turn_has_come_does_not_block_those_behind_it()
    {
        using var proxy = new HandTurnedProxy(new OverloadOptions { InFlight = 1, Queue = 1000, QueueWait = TimeSpan.FromSeconds(2) });
        RequestQueue room = proxy.Loop.Services.Default.Queue;
        Socket first = proxy.Ask();
        proxy.TurnUntil(() => room.InFlight == 1);
        Socket second = proxy.Ask();
        proxy.TurnUntil(() => room.Count == 1);
        Socket third = proxy.Ask();
        proxy.TurnUntil(() => room.Count == 2);
        Socket upstream = proxy.Accept();

        // Both in one turn: there is room, and the next to have it is gone.
        proxy.TurnUntil(() => upstream.Available > 0);
        proxy.Answer(upstream);
        second.Close(timeout: 0);
        proxy.TurnUntil(() => room.Count == 0);
        proxy.Answer(upstream);
        Assert.All([first, third], s => Assert.StartsWith("HTTP/1.1 200 ", proxy.Receive(s), StringComparison.Ordinal));
    }

    [Fact]
    public void The_first_request_that_waits_for_a_replica_may_leave()
    {
        var overload = new OverloadOptions { Queue = 1000, QueueWait = TimeSpan.FromSeconds(2) };
        using var proxy = new HandTurnedProxy(overload, isOwned: true, listens: false);
        RequestQueue room = proxy.Loop.Services.Default.Queue;
        Socket first = proxy.Ask();
        proxy.TurnUntil(() => room.Count == 1);
        Socket second = proxy.Ask();
        proxy.TurnUntil(() => room.Count == 2);
        first.Close(timeout: 0);
        proxy.TurnUntil(() => room.Count == 1);
        proxy.Listen();
        proxy.TurnUntil(() => room.Count == 0);
        proxy.Answer(proxy.Accept());
        Assert.StartsWith("HTTP/1.1 200 ", proxy.Receive(second), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_request_without_a_free_local_port_waits_for_a_connection_and_is_no_failure_of_the_replica()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Only root can have a network of its own, in which ports are few.");
        await OwnNetwork.RunAsync(ports: 4, () =>
        {
            using var proxy = new HandTurnedProxy(new OverloadOptions { Queue = 1000 }, ReplicaPort, ListenPort);
            ProxyLoop loop = proxy.Loop;
            Socket[] clients = [.. Enumerable.Range(2, 6).Select(i => proxy.Ask(from: $"127.0.0.{i}:{ClientPort}"))];
            proxy.TurnUntil(() => loop.Services.Default.Queue.Count + loop.Services.Default.Queue.InFlight == clients.Length);
            Assert.Equal((4, 2), (loop.Services.Default.Queue.InFlight, loop.Services.Default.Queue.Count));
            Socket[] upstreams = [.. Enumerable.Range(0, 4).Select(_ => proxy.Accept())];
            foreach (Socket upstream in upstreams)
            {
                proxy.Answer(upstream);
            }

            proxy.TurnUntil(() => loop.Services.Default.Queue.InFlight == 2 && upstreams.Count(u => u.Available > 0) == 2);
            foreach (Socket upstream in upstreams.Where(u => u.Available > 0))
            {
                proxy.Answer(upstream);
            }

            proxy.TurnUntil(() => loop.Services.Default.Queue.InFlight == 0);
            Assert.All(clients, c => Assert.StartsWith("HTTP/1.1 200 ", proxy.Receive(c), StringComparison.Ordinal));
            Assert.Equal(0, loop.Services.Default.Table.Replicas[0].Totals().Failures);
        });
    }
}
