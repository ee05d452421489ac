using System.Net;
using System.Net.Sockets;
using Edge.Tests.Backends;

namespace Edge.Tests.Native;

[Collection(nameof(Alone))]
public class MemoryTests
{
    private const long TwoGib = 2L * 1024 * 1024 * 1024;
    private const int LimitKib = 32 * 1024;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Two_GiB_down_to_a_slow_reader_need_little_memory(bool chunked)
    {
        byte[] piece = new byte[1024 * 1024];
        await using var backend = new Backend(async wire =>
        {
            if (await wire.ReadMessageAsync() is { StartLine: "GET /heartbeat HTTP/1.1" })
            {
                await wire.SendAsync(Scripts.Ok);
                return;
            }

            await wire.SendAsync("HTTP/1.1 200 OK\r\n" + (chunked ? "Transfer-Encoding: chunked\r\n\r\n" : $"Content-Length: {TwoGib}\r\n\r\n"));
            for (long sent = 0; sent < TwoGib; sent += piece.Length)
            {
                await wire.SendAsync(chunked ? "100000\r\n" : "");
                await wire.SendAsync(piece);
                await wire.SendAsync(chunked ? "\r\n" : "");
            }

            await wire.SendAsync(chunked ? "0\r\n\r\n" : "");
        }, patience: TimeSpan.FromMinutes(2));
        await using NativeEdge edge = await NativeEdge.StartAsync(("Fleet:Driver", "static"), ("Fleet:Addresses:0", backend.Address.ToString()));
        using Wire client = await Wire.ConnectAsync(edge.Endpoint, TimeSpan.FromMinutes(2));
        await client.SendAsync("GET /big HTTP/1.1\r\nHost: h\r\n\r\n");
        await client.ReadHeadAsync();
        long got = await ReadSlowlyAsync(client, TwoGib);
        long peak = edge.MemoryKib("VmHWM");
        TestContext.Current.TestOutputHelper!.WriteLine($"{got} bytes down; peak resident memory {peak} KiB");
        Assert.InRange(peak, 1, LimitKib);
    }

    [Fact]
    public async Task Two_GiB_up_to_a_slow_reader_need_little_memory()
    {
        long received = 0;
        await using var backend = new Backend(async wire =>
        {
            string head = await wire.ReadHeadAsync();
            if (!head.StartsWith("GET /heartbeat", StringComparison.Ordinal))
            {
                received = await ReadSlowlyAsync(wire, TwoGib);
            }

            await wire.SendAsync(Scripts.Ok);
        }, patience: TimeSpan.FromMinutes(2));
        await using NativeEdge edge = await NativeEdge.StartAsync(("Fleet:Driver", "static"), ("Fleet:Addresses:0", backend.Address.ToString()));
        using Wire client = await Wire.ConnectAsync(edge.Endpoint, TimeSpan.FromMinutes(2));
        await client.SendAsync($"PUT /big HTTP/1.1\r\nHost: h\r\nContent-Length: {TwoGib}\r\n\r\n");
        byte[] piece = new byte[1024 * 1024];
        for (long sent = 0; sent < TwoGib; sent += piece.Length)
        {
            await client.SendAsync(piece);
        }

        Assert.Equal(200, (await client.ReadMessageAsync()).Status);
        long peak = edge.MemoryKib("VmHWM");
        TestContext.Current.TestOutputHelper!.WriteLine($"{received} bytes up; peak resident memory {peak} KiB");
        Assert.Equal(TwoGib, received);
        Assert.InRange(peak, 1, LimitKib);
    }

    [Fact]
    public async Task Ten_thousand_idle_connections_cost_less_than_a_KiB_each()
    {
        const int Count = 10_000;
        await using NativeEdge edge = await NativeEdge.StartWithReplicasAsync(1, ("Timeouts:ClientIdle", "00:10:00"));
        var sockets = new List<Socket>(Count);
        long before = edge.MemoryKib("VmRSS");
        try
        {
            byte[] request = "GET /home HTTP/1.1\r\nHost: h\r\n\r\n"u8.ToArray(), answer = new byte[1024];
            for (int i = 0; i < Count; i++)
            {
                // From several addresses of the loopback range: one would run out of ports sooner.
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                sockets.Add(socket);
                socket.Bind(new IPEndPoint(new IPAddress([127, 0, 0, (byte)(2 + i % 8)]), 0));
                await socket.ConnectAsync(edge.Endpoint, TestContext.Current.CancellationToken);
                await socket.SendAsync(request);
                Assert.NotEqual(0, await socket.ReceiveAsync(answer));
            }

            long after = edge.MemoryKib("VmRSS");
            double each = (after - before) * 1024.0 / Count;
            TestContext.Current.TestOutputHelper!.WriteLine($"{Count} idle connections: {before} KiB before, {after} KiB after, {each:0} bytes each");
            Assert.InRange(each, 0, 1024);
            Assert.InRange(after, 1, 20 * 1024);
        }
        finally
        {
            sockets.ForEach(s => s.Dispose());
        }
    }

    [Fact]
    public async Task An_upload_under_way_keeps_nothing_of_what_has_gone_past()
    {
        const int Count = 300, Piece = 60 * 1024;
        string piece = $"{Piece:x}\r\n{new string('.', Piece)}\r\n", head = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
        using var halfway = new CountdownEvent(Count);
        await using var backend = new Backend(async wire =>
        {
            if (!(await wire.ReadHeadAsync()).StartsWith("GET /heartbeat", StringComparison.Ordinal))
            {
                await wire.ReadExactlyAsync(2 * piece.Length);
                halfway.Signal();
                await wire.ReadExactlyAsync("0\r\n\r\n".Length);
            }

            await wire.SendAsync(Scripts.Ok);
        }, patience: TimeSpan.FromMinutes(2));
        await using NativeEdge edge = await NativeEdge.StartAsync(("Fleet:Driver", "static"), ("Fleet:Addresses:0", backend.Address.ToString()));
        var clients = new List<Wire>(Count);
        try
        {
            long before = edge.MemoryKib("VmRSS");
            for (int i = 0; i < Count; i++)
            {
                Wire client = await Wire.ConnectAsync(edge.Endpoint, TimeSpan.FromMinutes(2));
                clients.Add(client);
                await client.SendAsync(head + piece);
                await client.SendAsync(piece);
            }

            Assert.True(halfway.Wait(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken));
            long after = edge.MemoryKib("VmRSS");
            double each = (after - before) * 1024.0 / Count;
            TestContext.Current.TestOutputHelper!.WriteLine($"{Count} uploads under way: {before} KiB before, {after} KiB after, {each:0} bytes each");
            Assert.InRange(each, double.MinValue, 32 * 1024);
            foreach (Wire client in clients)
            {
                await client.SendAsync("0\r\n\r\n");
                Assert.Equal(200, (await client.ReadMessageAsync()).Status);
            }
        }
        finally
        {
            clients.ForEach(c => c.Dispose());
        }
    }

    [Fact]
    public async Task What_only_the_start_needs_of_the_program_is_given_back()
    {
        await using NativeEdge edge = await NativeEdge.StartWithReplicasAsync(3);
        long program = new FileInfo(NativeEdge.Binary).Length / 1024;
        Assert.InRange(edge.MemoryKib("VmHWM"), 1, 23 * 1024);

        // More than four fifths of it stay where nothing is let go of. What serving then touches comes back with its neighbours: the kernel
        // maps 64 KiB at a time of what it has in its cache.
        await Quiet.UntilAsync(() => edge.MemoryKib("RssFile") < program * 7 / 10, "a good part of the program is let go of");
        using Wire client = await Wire.ConnectAsync(edge.Endpoint);
        await client.SendAsync("GET /home HTTP/1.1\r\nHost: h\r\n\r\n");
        Assert.Equal(200, (await client.ReadMessageAsync()).Status);
    }

    // A reader that rests again and again: everything on the way fills up, and the sender has to wait.
    private static async Task<long> ReadSlowlyAsync(Wire wire, long bytes)
    {
        byte[] some = new byte[256 * 1024];
        long got = 0, rests = 0;
        while (got < bytes)
        {
            int read = await wire.ReadSomeAsync(some);
            Assert.NotEqual(0, read);
            got += read;
            if (got / (256L * 1024 * 1024) > rests)
            {
                rests++;
                await Task.Delay(300);
            }
        }

        return got;
    }
}
