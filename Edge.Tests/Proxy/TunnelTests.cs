using System.Buffers.Binary;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;
using Edge.Routing;
using Edge.Telemetry;
using Edge.Tests.Backends;
using Edge.Tests.Telemetry;

namespace Edge.Tests.Proxy;

/// <summary>What moves in a tunnel, once there is one.</summary>
public sealed class TunnelTests
{
    [Fact]
    public async Task A_WebSocket_passes_with_messages_of_any_length_and_its_closing_handshake()
    {
        var offer = new TaskCompletionSource<Message>();
        await using var balancer = new TestBalancer(new Backend(wire => ServeWebSocketAsync(wire, offer)));
        using var client = new ClientWebSocket();
        client.Options.AddSubProtocol("chat");
        client.Options.CollectHttpResponseDetails = true;
        CancellationToken stop = TestContext.Current.CancellationToken;
        await client.ConnectAsync(new Uri($"ws://{balancer.Plane.Endpoint}/chat?x=1"), stop);
        Assert.Equal("chat", client.SubProtocol);
        Assert.Contains("server_1", client.HttpResponseHeaders!["X-Edge-Replica"]);
        Message asked = await offer.Task;
        Assert.StartsWith("GET /chat?x=1 HTTP/1.1\r\n", asked.Head, StringComparison.Ordinal);
        Assert.Equal(("Upgrade", "websocket", "13"), (asked.Field("Connection"), asked.Field("Upgrade"), asked.Field("Sec-WebSocket-Version")));
        foreach (int length in new[] { 0, 1, 125, 126, 1021, 65535, 65536, 300_000 })
        {
            byte[] sent = RandomNumberGenerator.GetBytes(length);
            Task sending = client.SendAsync(sent, WebSocketMessageType.Binary, endOfMessage: true, stop);
            Assert.Equal(sent, await ReceiveAsync(client));
            await sending;
        }

        await client.CloseAsync(WebSocketCloseStatus.NormalClosure, "bye", stop);
        Assert.Equal(WebSocketState.Closed, client.State);
        Assert.Equal("bye too", client.CloseStatusDescription);
        await SettleAsync(balancer);
    }

    [Fact]
    public async Task Bytes_behind_the_head_of_either_side_are_not_lost()
    {
        foreach (int length in new[] { 1, 400, 5000 })
        {
            string early = new('c', length), welcome = new('r', length);
            await using var balancer = new TestBalancer(new Backend(async wire =>
            {
                await wire.ReadHeadAsync();
                await wire.SendAsync(Switching.Answer + welcome);
                Assert.Equal(early, Encoding.Latin1.GetString(await wire.ReadExactlyAsync(length)));
                await Switching.Echo(wire);
            }));
            using Wire client = await balancer.ConnectAsync();
            await client.SendAsync(Switching.Offer + early);
            await client.ReadHeadAsync();
            Assert.Equal(welcome, Encoding.Latin1.GetString(await client.ReadExactlyAsync(length)));
            await client.PlayAsync("and more");
        }
    }

    [Fact]
    public async Task An_answer_that_comes_byte_by_byte_behind_an_early_hint_is_understood()
    {
        await using var balancer = new TestBalancer(new Backend(async wire =>
        {
            await wire.ReadHeadAsync();
            foreach (char c in "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + Switching.Answer + "hello")
            {
                await wire.SendAsync(c.ToString());
                await Task.Yield();
            }

            await Switching.Echo(wire);
        }));
        using Wire client = await balancer.ConnectAsync();
        await client.SendAsync(Switching.Offer);
        Assert.StartsWith("HTTP/1.1 103 ", await client.ReadHeadAsync(), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 101 ", await client.ReadHeadAsync(), StringComparison.Ordinal);
        Assert.Equal("hello", Encoding.Latin1.GetString(await client.ReadExactlyAsync(5)));
        await client.PlayAsync("hello, too");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_end_of_one_direction_is_passed_on_and_leaves_the_other_open(bool clientFirst)
    {
        var atReplica = new TaskCompletionSource<Wire>();
        var over = new TaskCompletionSource();
        await using var balancer = new TestBalancer(new Backend(Switching.Then(async wire =>
        {
            atReplica.SetResult(wire);
            await over.Task;
        })));
        using Wire client = await balancer.OpenTunnelAsync();
        Wire replica = await atReplica.Task;
        (Wire first, Wire second) = clientFirst ? (client, replica) : (replica, client);
        await first.SendAsync("last words");
        first.Finish();
        Assert.Equal("last words", await second.ReadToEndAsync());
        string answer = new('a', 100_000);
        Task answering = second.SendAsync(answer);
        Assert.Equal(answer, Encoding.Latin1.GetString(await first.ReadExactlyAsync(answer.Length)));
        await answering;
        Assert.Equal(1, balancer.Replicas[0].Totals().InFlight);
        second.Finish();
        Assert.Equal("", await first.ReadToEndAsync());
        over.SetResult();
        await SettleAsync(balancer);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_side_that_reads_nothing_stops_the_other_and_gets_everything_in_order_later(bool clientSends)
    {
        const int Piece = 64 * 1024;
        const int Pieces = 256;
        var atReplica = new TaskCompletionSource<Wire>();
        var over = new TaskCompletionSource();
        await using var balancer = new TestBalancer(new Backend(Switching.Then(async wire =>
        {
            wire.Socket.SendBufferSize = Piece;
            atReplica.SetResult(wire);

            // Not for ever: where the test fails, the balancer's end waits for this.
            await over.Task.WaitAsync(TimeSpan.FromMinutes(1));
        })));
        using Wire client = await balancer.OpenTunnelAsync();
        client.Socket.SendBufferSize = Piece;
        Wire replica = await atReplica.Task;
        (Wire sender, Wire reader) = clientSends ? (client, replica) : (replica, client);
        long sent = 0;
        Task sending = SendAsync();
        await Quiet.UntilAsync(() => Interlocked.Read(ref sent) > 0, "something is sent");
        await Quiet.WhileAsync(() => Interlocked.Read(ref sent), TimeSpan.FromMilliseconds(500));
        Assert.InRange(Interlocked.Read(ref sent), 1, Pieces / 2);

        // The other direction has nothing to do with it.
        await reader.SendAsync("go on");
        Assert.Equal("go on", Encoding.Latin1.GetString(await sender.ReadExactlyAsync(5)));
        for (int i = 0; i < Pieces; i++)
        {
            byte[] piece = await reader.ReadExactlyAsync(Piece);
            for (int at = 0; at < Piece; at += 4)
            {
                Assert.Equal(i * Piece + at, BinaryPrimitives.ReadInt32LittleEndian(piece.AsSpan(at)));
            }
        }

        await sending;
        over.SetResult();

        async Task SendAsync()
        {
            byte[] piece = new byte[Piece];
            for (int i = 0; i < Pieces; i++)
            {
                for (int at = 0; at < Piece; at += 4)
                {
                    BinaryPrimitives.WriteInt32LittleEndian(piece.AsSpan(at), i * Piece + at);
                }

                await sender.SendAsync(piece);
                Interlocked.Increment(ref sent);
            }
        }
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    [InlineData(false, true)]
    public async Task A_reset_of_one_side_is_one_of_the_other(bool byClient, bool whileFull)
    {
        var atReplica = new TaskCompletionSource<Wire>();
        var over = new TaskCompletionSource();
        await using var balancer = new TestBalancer(new Backend(Switching.Then(async wire =>
        {
            atReplica.SetResult(wire);
            await over.Task;
        })));
        using Wire client = await balancer.OpenTunnelAsync();
        Wire replica = await atReplica.Task;
        (Wire breaks, Wire other) = byClient ? (client, replica) : (replica, client);
        if (whileFull)
        {
            // More than fits anywhere: the balancer does not read what comes behind it, nor the end.
            long sent = 0;
            Task sending = FillAsync();
            await Quiet.WhileAsync(() => Interlocked.Read(ref sent), TimeSpan.FromMilliseconds(300));
            breaks.Reset();
            await Assert.ThrowsAnyAsync<Exception>(() => sending);
            async Task FillAsync()
            {
                while (true)
                {
                    await breaks.SendAsync(new byte[64 * 1024]);
                    Interlocked.Increment(ref sent);
                }
            }
        }
        else
        {
            breaks.Reset();
        }

        SocketException reset = await Assert.ThrowsAsync<SocketException>(other.ReadToEndAsync);
        Assert.Equal(SocketError.ConnectionReset, reset.SocketErrorCode);
        over.SetResult();
        await SettleAsync(balancer);
    }

    [Fact]
    public async Task The_last_words_before_a_reset_still_arrive()
    {
        await using var balancer = new TestBalancer(new Backend(Switching.Then(async wire =>
        {
            await wire.ReadExactlyAsync(1);
            await wire.SendAsync(new string('x', 1500));
            await wire.AcknowledgedAsync();

            // What the client has sent in the meantime is unread, so that the close is a reset.
            wire.Socket.Close();
        })));
        using Wire client = await balancer.OpenTunnelAsync();
        await client.SendAsync(new string('y', 500));
        Assert.Equal(1500, (await client.ReadExactlyAsync(1500)).Length);
        await Assert.ThrowsAsync<SocketException>(client.ReadToEndAsync);
        await SettleAsync(balancer);
    }

    [Fact]
    public async Task A_tunnel_is_counted_while_it_lasts_and_its_request_once()
    {
        var backend = new Backend(Switching.Then(Switching.Echo));
        await using var balancer = new TestBalancer(s => s with { Loops = 1 }, null, backend);
        using (Wire client = await balancer.OpenTunnelAsync())
        {
            await client.PlayAsync(new string('p', 3000));
            await Quiet.UntilAsync(() => Figures(balancer).Requests.Tunnels == 1, "it is counted");
            LoopCounters during = Figures(balancer);
            Assert.Equal((1, 1, 1, 1), (during.Requests.Begun, balancer.Plane.Answers().Of("101"), during.Requests.InFlight, during.BusyConnections));
            Assert.Equal(1, balancer.Replicas[0].Totals().InFlight);
        }

        await SettleAsync(balancer);
        LoopCounters after = Figures(balancer);
        Assert.Equal((1, 1, 1), (after.Requests.Begun, after.Requests.Ended, after.Requests.Duration.Count));
        Assert.True(after.ClientBytesReceived >= 3000 && after.ClientBytesSent >= 3000);
        Assert.Equal(1, balancer.Plane.Report().Sum(r => r.Requests));

        // What was a tunnel carries no request any more.
        using Wire next = await balancer.OpenTunnelAsync();
        Assert.Equal(2, backend.Connections);
    }

    private static LoopCounters Figures(TestBalancer balancer) => ((IPlaneFigures)balancer.Plane).Figures();

    // Nothing of it is left, neither in the counts nor as a descriptor of the loops.
    private static Task SettleAsync(TestBalancer balancer) => Quiet.UntilAsync(
        () => Figures(balancer) is { Requests: { Tunnels: 0, InFlight: 0 }, Clients: 0, BusyConnections: 0, PooledConnections: 0 }
            && balancer.Replicas[0].Totals().InFlight == 0,
        "nothing is left");

    private static async Task ServeWebSocketAsync(Wire wire, TaskCompletionSource<Message> offer)
    {
        var request = new Message(await wire.ReadHeadAsync(), []);
        offer.TrySetResult(request);
#pragma warning disable CA5350 // RFC 6455 §4.2.2 has no other.
        string accept = Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(
            request.Field("Sec-WebSocket-Key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
#pragma warning restore CA5350
        await wire.SendAsync(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + $"Sec-WebSocket-Accept: {accept}\r\nSec-WebSocket-Protocol: chat\r\n\r\n");
        await using var stream = new NetworkStream(wire.Socket, ownsSocket: false);
        using var server = WebSocket.CreateFromStream(stream, new WebSocketCreationOptions { IsServer = true, SubProtocol = "chat" });
        CancellationToken stop = TestContext.Current.CancellationToken;
        byte[] some = new byte[16 * 1024];
        while (true)
        {
            WebSocketReceiveResult got = await server.ReceiveAsync(some, stop);
            if (got.MessageType == WebSocketMessageType.Close)
            {
                await server.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "bye too", stop);
                return;
            }

            await server.SendAsync(some.AsMemory(0, got.Count), got.MessageType, got.EndOfMessage, stop);
        }
    }

    private static async Task<byte[]> ReceiveAsync(ClientWebSocket client)
    {
        var all = new MemoryStream();
        byte[] some = new byte[16 * 1024];
        while (true)
        {
            WebSocketReceiveResult got = await client.ReceiveAsync(some, TestContext.Current.CancellationToken);
            Assert.Equal(WebSocketMessageType.Binary, got.MessageType);
            all.Write(some, 0, got.Count);
            if (got.EndOfMessage)
            {
                return all.ToArray();
            }
        }
    }
}
