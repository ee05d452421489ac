using System.Net.Sockets;
using Edge.Io;
using Edge.Tests.Backends;

namespace Edge.Tests.Io;

/// <summary>Connections that the kernel watches only if they are there for a while.</summary>
public class DeferredRegistrationTests
{
    /// <summary>Reads at once, without having been told that there is something.</summary>
    private sealed class Early : Connection
    {
        private readonly TaskCompletionSource _gone = new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal Early(EventLoop loop) : base(loop)
        {
        }

        internal Task Gone => _gone.Task.WaitAsync(TimeSpan.FromSeconds(20));

        internal int Told { get; private set; }

        internal void Open(int fd) => Attach(fd, isWatched: false);

        internal int Read() => Receive(stackalloc byte[64]);

        internal void Answer(int bytes) => Send(new byte[bytes]);

        internal override void OnReady(uint events)
        {
            Told++;
            Note(events);
            if (PeerFinished || HungUp)
            {
                _gone.TrySetResult();
            }

            Flush();
        }
    }

    private static async Task<(Early Server, Wire Client)> PairAsync(TestLoop loop, Socket? by = null)
    {
        var accepted = new TaskCompletionSource<Early>(TaskCreationOptions.RunContinuationsAsynchronously);
        Listener listener = await loop.ListenAsync(fd =>
        {
            var server = new Early(loop);
            server.Open(fd);
            accepted.SetResult(server);
        });
        Socket socket = by ?? new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(listener.Endpoint);
        return (await accepted.Task, new Wire(socket, TestContext.Current.CancellationToken, TimeSpan.FromSeconds(20)));
    }

    [Fact]
    public async Task A_connection_that_is_not_registered_can_be_read_and_answered_and_gets_no_event()
    {
        await using var loop = new TestLoop();
        (Early server, Wire client) = await PairAsync(loop);
        using (client)
        {
            await client.SendAsync("hello");
            await Quiet.UntilAsync(() => loop.RunAsync(() => server.Read()).Result == 5, "what was sent arrives");
            Assert.Equal(Connection.WouldBlock, await loop.RunAsync(server.Read));
            await loop.RunAsync(() => server.Answer(3));
            await client.ReadExactlyAsync(3);
            client.Finish();
            await loop.SettleAsync();
            Assert.Equal(0, await loop.RunAsync(() => server.Told));
            Assert.False(server.IsWatched);
            await loop.RunAsync(server.Close);
        }
    }

    [Fact]
    public async Task One_that_stays_is_watched_before_long_and_told_what_happened_before()
    {
        await using var loop = new TestLoop();
        (Early server, Wire client) = await PairAsync(loop);
        client.Finish();
        await loop.RunAsync(() => loop.DeferredRegistration.Add(server, loop.Now));
        await server.Gone;
        client.Dispose();
    }

    [Fact]
    public async Task One_whose_peer_does_not_read_is_watched_for_the_moment_when_it_does()
    {
        const int Bytes = 4_000_000;
        await using var loop = new TestLoop();
        (Early server, Wire client) = await PairAsync(
            loop, new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096 });
        using (client)
        {
            await loop.RunAsync(() => server.Answer(Bytes));
            Assert.True(await loop.RunAsync(() => server.IsWatched));
            Assert.Equal(Bytes, (await client.ReadExactlyAsync(Bytes)).Length);
        }
    }

    [Fact]
    public async Task One_that_is_closed_and_used_again_is_left_to_its_new_owner()
    {
        await using var loop = new TestLoop();
        var accepted = new List<int>();
        Listener listener = await loop.ListenAsync(accepted.Add);
        using Wire first = await Wire.ConnectAsync(listener.Endpoint), second = await Wire.ConnectAsync(listener.Endpoint);
        await Quiet.UntilAsync(() => loop.RunAsync(() => accepted.Count).Result == 2, "both are accepted");
        var server = new Early(loop);
        await loop.RunAsync(() =>
        {
            server.Open(accepted[0]);
            loop.DeferredRegistration.Add(server, loop.Now);
            server.Close();
        });
        await loop.RunAsync(() => server.Open(accepted[1]));
        long due = await loop.RunAsync(() => loop.Now + DeferredRegistration.Milliseconds);
        await Quiet.UntilAsync(() => loop.RunAsync(() => loop.Now).Result > due, "the time of the first is over");
        Assert.False(await loop.RunAsync(() => server.IsWatched));
        await loop.RunAsync(server.Watch);
        await loop.RunAsync(server.Watch);
        Assert.True(server.IsWatched);
    }
}
