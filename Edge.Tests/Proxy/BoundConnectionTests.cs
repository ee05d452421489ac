using Edge.Routing;
using Edge.Tests.Backends;

namespace Edge.Tests.Proxy;

/// <summary>Connections to replicas on which a user was authenticated (NTLM, Negotiate): each belongs to one client's connection, and to no other.</summary>
public sealed class BoundConnectionTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
    private const string First = "GET / HTTP/1.1\r\nHost: h\r\nAuthorization: NTLM TlRMTVNTUAABAAAA\r\n\r\n";
    private const string Last = "GET / HTTP/1.1\r\nHost: h\r\nAuthorization: NTLM alice\r\n\r\n";
    private const string Kerberos = "GET / HTTP/1.1\r\nHost: h\r\nAuthorization: Negotiate alice\r\n\r\n";

    // A server as IIS is one: who has been authenticated on a connection has asked for all that comes on it.
    private static async Task Iis(Wire wire)
    {
        string user = "";
        bool isChallenged = false;
        while (true)
        {
            Message request = await wire.ReadMessageAsync();
            string? authorization = request.Field("Authorization");
            if (authorization == "Negotiate alice" || (authorization == "NTLM alice" && isChallenged))
            {
                user = "alice";
            }

            isChallenged = authorization == "NTLM TlRMTVNTUAABAAAA";
            string text = user.Length > 0 ? $"you are {user}" : "who are you?";
            string challenge = isChallenged ? "WWW-Authenticate: NTLM TlRMTVNTUAACAAAA\r\n"
                : user.Length > 0 ? "" : "WWW-Authenticate: Negotiate\r\nWWW-Authenticate: NTLM\r\n";
            await wire.SendAsync($"HTTP/1.1 {(user.Length > 0 ? "200 OK" : "401 Unauthorized")}\r\n{challenge}Content-Length: {text.Length}\r\n\r\n{text}");
        }
    }

    [Theory]
    [InlineData(First, Last)]
    [InlineData(Kerberos)]
    public async Task Strangers_are_not_taken_for_the_user_who_is_served_as_such_to_the_end(params string[] handshake)
    {
        await using var balancer = new TestBalancer(s => s with { Loops = 1 }, null, new Backend(Iis), new Backend(Iis));
        using Wire alice = await balancer.ConnectAsync();
        await AuthenticateAsync(alice, handshake);
        string? replica = null;
        for (int i = 0; i < 8; i++)
        {
            Message stranger = await balancer.GetAsync();
            Assert.Equal((401, "who are you?"), (stranger.Status, stranger.Text));
            await alice.SendAsync(Get);
            Message answer = await alice.ReadMessageAsync();
            Assert.Equal((200, "you are alice"), (answer.Status, answer.Text));
            Assert.Equal(replica ??= answer.Field("X-Edge-Replica"), answer.Field("X-Edge-Replica"));
        }

        // Between two requests nothing is in flight.
        Assert.All(balancer.Replicas, r => Assert.Equal(0, r.Totals().InFlight));
    }

    [Fact]
    public async Task The_steps_of_a_handshake_go_to_one_connection_of_one_replica()
    {
        Backend[] backends = [new(Iis), new(Iis), new(Iis)];
        await using var balancer = new TestBalancer(s => s with { Loops = 1 }, null, backends);
        for (int i = 0; i < 6; i++)
        {
            using Wire alice = await balancer.ConnectAsync();
            await alice.SendAsync(Get);
            Assert.Equal(401, (await alice.ReadMessageAsync()).Status);
            await AuthenticateAsync(alice, First, Last);
        }

        Assert.Equal(6, backends.Sum(b => b.Connections));
    }

    [Fact]
    public async Task The_end_of_a_bound_connection_is_that_of_the_clients_connection()
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var balancer = Balancer(ended);
        using (Wire alice = await balancer.ConnectAsync())
        {
            await AuthenticateAsync(alice, First, Last);
            Assert.False(ended.Task.IsCompleted);
        }

        await ended.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_client_that_says_close_ends_its_bound_connection_too()
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var balancer = Balancer(ended);
        using Wire alice = await balancer.ConnectAsync();
        await AuthenticateAsync(alice, First, Last);
        await alice.SendAsync("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
        Assert.Equal("you are alice", (await alice.ReadMessageAsync()).Text);
        await ended.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task If_the_replica_ends_a_bound_connection_the_client_begins_anew()
    {
        var closes = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var balancer = new TestBalancer(s => s with { Loops = 1 }, null, new Backend(async wire =>
        {
            await Task.WhenAny(Iis(wire), closes.Task);
        }));
        using Wire alice = await balancer.ConnectAsync();
        await AuthenticateAsync(alice, First, Last);
        closes.SetResult();
        await Quiet.UntilAsync(() => balancer.Plane.Figures(0).BusyConnections == 0, "its end has been seen");
    }

    /// <summary>A step of a handshake means something on its connection alone: elsewhere it would look like a wrong password.</summary>
    [Theory]
    [InlineData(Last, 502)]
    [InlineData(Get, 401)]
    public async Task If_a_bound_connection_dies_the_step_of_a_handshake_on_it_is_not_sent_elsewhere(string request, int status)
    {
        int connections = 0;
        await using var balancer = new TestBalancer(s => s with { Loops = 1 }, null, new Backend(async wire =>
        {
            if (Interlocked.Increment(ref connections) > 1)
            {
                await Iis(wire);
            }

            await wire.ReadMessageAsync();
            await wire.SendAsync("HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: NTLM\r\nContent-Length: 0\r\n\r\n");
            await wire.ReadMessageAsync();
            wire.Reset();
        }));
        using Wire alice = await balancer.ConnectAsync();
        await alice.SendAsync(First);
        Assert.Equal(401, (await alice.ReadMessageAsync()).Status);
        await alice.SendAsync(request);
        Assert.Equal(status, (await alice.ReadMessageAsync()).Status);
        await AuthenticateAsync(alice, First, Last);
    }

    [Fact]
    public async Task A_bound_connection_does_not_hold_a_replica_that_is_let_go_of()
    {
        await using var balancer = new TestBalancer(s => s with { Loops = 1 }, null, new Backend(Iis), new Backend(Iis));
        using Wire alice = await balancer.ConnectAsync();
        string? before = await AuthenticateAsync(alice, First, Last);
        Replica leaving = balancer.Replicas.Single(r => r.Name == before), staying = balancer.Replicas.Single(r => r.Name != before);
        balancer.Plane.Publish(new ReplicaTable([staying]));
        Assert.Equal(default, await balancer.Plane.ReleaseAsync(leaving, TimeSpan.FromSeconds(20)));
        await alice.SendAsync(Get);
        Message answer = await alice.ReadMessageAsync();
        Assert.Equal((401, staying.Name), (answer.Status, answer.Field("X-Edge-Replica")));
        Assert.Equal(staying.Name, await AuthenticateAsync(alice, First, Last));
    }

    [Fact]
    public async Task A_bound_connection_to_a_replica_out_of_rotation_is_not_used()
    {
        await using var balancer = new TestBalancer(s => s with { Loops = 1 }, null, new Backend(Iis), new Backend(Iis));
        using Wire alice = await balancer.ConnectAsync();
        string? before = await AuthenticateAsync(alice, First, Last);
        balancer.Plane.Publish(new ReplicaTable([balancer.Replicas.Single(r => r.Name != before)]));
        await alice.SendAsync(Get);
        Message answer = await alice.ReadMessageAsync();
        Assert.Equal(401, answer.Status);
        Assert.NotEqual(before, answer.Field("X-Edge-Replica"));
    }

    [Fact]
    public async Task A_request_for_a_bound_connection_waits_for_room_as_any_other()
    {
        var open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var balancer = new TestBalancer(
            s => s with { Loops = 1, Overload = s.Overload with { PerReplica = 1, Queue = 4 } }, null, new Backend(async wire =>
            {
                string head = await wire.ReadHeadAsync();
                if (head.StartsWith("GET /slow ", StringComparison.Ordinal))
                {
                    await open.Task;
                    await wire.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok");
                    return;
                }

                await wire.SendAsync("HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: NTLM\r\nContent-Length: 0\r\n\r\n");
                await Iis(wire);
            }));
        using Wire alice = await balancer.ConnectAsync();
        await alice.SendAsync(Get);
        Assert.Equal(401, (await alice.ReadMessageAsync()).Status);
        Task<Message> slow = balancer.GetAsync("/slow");
        await Quiet.UntilAsync(() => balancer.Replicas[0].Totals().InFlight == 1, "the other is there");
        await alice.SendAsync(First);
        await Quiet.UntilAsync(() => balancer.Plane.Report().Sum(r => r.Waiting) == 1, "it waits");
        open.SetResult();
        Assert.Equal(200, (await slow).Status);
        Assert.NotNull((await alice.ReadMessageAsync()).Field("WWW-Authenticate"));
        await alice.SendAsync(Last);
        Assert.Equal("you are alice", (await alice.ReadMessageAsync()).Text);
    }

    private static TestBalancer Balancer(TaskCompletionSource ended) => new(s => s with { Loops = 1 }, null, new Backend(async wire =>
    {
        try
        {
            await Iis(wire);
        }
        finally
        {
            ended.TrySetResult();
        }
    }));

    // Returns the replica's name.
    private static async Task<string?> AuthenticateAsync(Wire client, params string[] handshake)
    {
        Message? answer = null;
        foreach (string step in handshake)
        {
            await client.SendAsync(step);
            answer = await client.ReadMessageAsync();
        }

        Assert.Equal((200, "you are alice"), (answer!.Status, answer.Text));
        return answer.Field("X-Edge-Replica");
    }
}
