using System.Net;
using Edge.Tests.Backends;

namespace Edge.Tests.Native;

/// <summary>More clients than the process may have descriptors: they wait, and none is turned away.</summary>
public sealed class DescriptorTests
{
    private const int Limit = 200;
    private const int Clients = 500;
    private const int Accepted = 100;
    private const string Request = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";

    [Fact]
    public async Task Clients_beyond_the_descriptors_wait_until_others_have_gone()
    {
        await using var backend = new Backend(Scripts.Echo);
        await using NativeEdge edge = await StartAsync(backend);

        // All at once. What it accepts it answers, though it accepts as many as it can: some descriptors are not for clients. And
        // each that has its answer leaves, so that those in the kernel's queue have their turn.
        Message[] answers = await Task.WhenAll(Enumerable.Range(0, Clients).Select(async _ =>
        {
            using Wire client = await edge.ConnectAsync();
            await client.SendAsync(Request);
            return await client.ReadMessageAsync();
        }));
        Assert.Equal([(200, Clients)], answers.GroupBy(a => a.Status).Select(g => (g.Key, g.Count())));
    }

    [Fact]
    public async Task Idle_clients_leave_descriptors_for_the_requests_of_others_and_for_calls()
    {
        await using var backend = new Backend(Scripts.Echo);
        await using NativeEdge edge = await StartAsync([backend], ("Control:Listen", "127.0.0.2:0"));
        IPEndPoint control = IPEndPoint.Parse(edge.Output.Split("its own paths at http://")[1].Split('\n')[0]);
        var clients = new List<Wire>();
        try
        {
            // Some that it has accepted, since they have an answer.
            for (int i = 0; i < Accepted; i++)
            {
                clients.Add(await edge.ConnectAsync());
                await clients[i].SendAsync(Request);
                Assert.Equal(200, (await clients[i].ReadMessageAsync()).Status);
            }

            await TakeAllAsync(edge, clients);
            Message[] answers = await Task.WhenAll(clients.Take(Accepted).Select(async client =>
            {
                await client.SendAsync(Request);
                return await client.ReadMessageAsync();
            }));
            Assert.All(answers, a => Assert.Equal(200, a.Status));
            using Wire caller = await Wire.ConnectAsync(control);
            await caller.SendAsync("GET /rep HTTP/1.1\r\nHost: localhost\r\n\r\n");
            Assert.Equal(200, (await caller.ReadMessageAsync()).Status);
            Assert.InRange(edge.Descriptors(), Limit * 7 / 8, Limit);
        }
        finally
        {
            clients.ForEach(c => c.Dispose());
        }

        Assert.Equal(200, (await edge.AskAsync("GET", "/")).Status);
    }

    [Fact]
    public async Task Idle_connections_to_one_replica_give_way_to_those_to_another()
    {
        Switch first = new() { IsWell = true }, second = new();
        await using Backend firstBackend = new(first.Script), secondBackend = new(second.Script);
        await using NativeEdge edge = await StartAsync(
            [firstBackend, secondBackend], ("Loops", "1"), ("Timeouts:PoolIdle", "00:01:00"), ("Health:Interval", "00:00:00.050"));
        await edge.HealthyAsync(1);
        var clients = new List<Wire>();
        try
        {
            // Each has a connection to the first replica at the same time, which are idle then.
            for (int i = 0; i < Limit / 8; i++)
            {
                clients.Add(await edge.ConnectAsync());
                await clients[i].SendAsync(Request);
            }

            await Quiet.UntilAsync(() => first.Asked == clients.Count, "all have asked");
            first.Open.SetResult();
            foreach (Wire client in clients)
            {
                Assert.Equal(200, (await client.ReadMessageAsync()).Status);
            }

            await TakeAllAsync(edge, clients);
            second.Open.SetResult();
            (first.IsWell, second.IsWell) = (false, true);
            await Quiet.UntilAsync(() => LastState(firstBackend) == "unhealthy" && LastState(secondBackend) == "healthy", "only the second is in rotation");
            await clients[0].SendAsync(Request);
            Assert.Equal(200, (await clients[0].ReadMessageAsync()).Status);
            Assert.Equal(1, second.Asked);
        }
        finally
        {
            clients.ForEach(c => c.Dispose());
        }

        // By the log: for a question there is no descriptor left.
        string LastState(Backend backend) => edge.Output.Split($"replica_state name={backend.Address} state=")[^1].Split(' ')[0];
    }

    /// <summary>A replica that is well or not, and answers when it is opened.</summary>
    private sealed class Switch
    {
        private int _asked;

        internal volatile bool IsWell;

        internal int Asked => Volatile.Read(ref _asked);

        internal TaskCompletionSource Open { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal async Task Script(Wire wire)
        {
            while (true)
            {
                Message request = await wire.ReadMessageAsync();
                if (request.Head.StartsWith("GET /heartbeat ", StringComparison.Ordinal))
                {
                    await wire.SendAsync(IsWell ? Scripts.Ok : "HTTP/1.1 500 Unwell\r\nContent-Length: 0\r\n\r\n");
                    continue;
                }

                Interlocked.Increment(ref _asked);
                await Open.Task;
                await wire.SendAsync(Scripts.Ok);
            }
        }
    }

    // More clients than there is room for: those that are not accepted wait in the kernel's queue, connected.
    private static async Task TakeAllAsync(NativeEdge edge, List<Wire> clients)
    {
        while (clients.Count < Limit)
        {
            clients.Add(await edge.ConnectAsync());
        }

        await Quiet.UntilAsync(() => edge.Descriptors() >= Limit * 7 / 8, "clients have all that is for them");
    }

    private static Task<NativeEdge> StartAsync(Backend backend) => StartAsync([backend]);

    private static Task<NativeEdge> StartAsync(Backend[] backends, params (string Key, string Value)[] options) => NativeEdge.StartAsync(
        ["bash", "-c", $"ulimit -n {Limit} && exec \"$0\" \"$@\"", NativeEdge.Binary], null, [],
        [("Fleet:Driver", "static"), .. backends.Select((b, i) => ($"Fleet:Addresses:{i}", b.Address.ToString())), .. options]);
}
