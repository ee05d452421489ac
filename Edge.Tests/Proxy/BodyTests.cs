using System.Security.Cryptography;
using Edge.Tests.Backends;

namespace Edge.Tests.Proxy;

public class BodyTests
{
    // Answers with the length and digest of the request's body, and streams a body of its own: "down BYTES".
    private static async Task Mill(Wire wire)
    {
        while (true)
        {
            Message request = await wire.ReadMessageAsync();
            int down = int.Parse(request.Field("X-Down") ?? "0");
            bool chunked = request.Field("X-Chunked") is not null;
            string up = $"{request.Body.Length}:{Convert.ToHexString(SHA256.HashData(request.Body))}";
            byte[] body = Pattern(down);
            await wire.SendAsync($"HTTP/1.1 200 OK\r\nX-Up: {up}\r\n" + (chunked ? "Transfer-Encoding: chunked\r\n\r\n" : $"Content-Length: {down}\r\n\r\n"));
            if (!chunked)
            {
                await wire.SendAsync(body);
                continue;
            }

            for (int at = 0; at < down;)
            {
                int size = Math.Min(1 + at % 9973, down - at);
                await wire.SendAsync($"{size:x}\r\n");
                await wire.SendAsync(body.AsMemory(at, size));
                await wire.SendAsync("\r\n");
                at += size;
            }

            await wire.SendAsync("0\r\n\r\n");
        }
    }

    internal static byte[] Pattern(int length)
    {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++)
        {
            bytes[i] = (byte)(i * 31 + (i >> 8) * 7 + (i >> 16));
        }

        return bytes;
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, false)]
    [InlineData(1021, false)]
    [InlineData(16 * 1024 - 1, false)]
    [InlineData(16 * 1024, false)]
    [InlineData(400_000, false)]
    [InlineData(1, true)]
    [InlineData(300_000, true)]
    public async Task A_body_comes_down_whole(int length, bool chunked)
    {
        await using var balancer = new TestBalancer(new Backend(Mill));
        using Wire client = await balancer.ConnectAsync();
        for (int i = 0; i < 2; i++)
        {
            await client.SendAsync($"GET / HTTP/1.1\r\nHost: h\r\nX-Down: {length}\r\n{(chunked ? "X-Chunked: 1\r\n" : "")}\r\n");
            Message answer = await client.ReadMessageAsync();
            Assert.Equal(Pattern(length), answer.Body);
        }
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(1021, false)]
    [InlineData(16 * 1024, false)]
    [InlineData(400_000, false)]
    [InlineData(300_000, true)]
    public async Task A_body_goes_up_whole(int length, bool chunked)
    {
        await using var balancer = new TestBalancer(new Backend(Mill));
        using Wire client = await balancer.ConnectAsync();
        byte[] body = Pattern(length);
        string expected = $"{length}:{Convert.ToHexString(SHA256.HashData(body))}";
        for (int i = 0; i < 2; i++)
        {
            if (chunked)
            {
                await client.SendAsync("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
                for (int at = 0; at < length;)
                {
                    int size = Math.Min(1 + at % 7919, length - at);
                    await client.SendAsync($"{size:X}\r\n");
                    await client.SendAsync(body.AsMemory(at, size));
                    await client.SendAsync("\r\n");
                    at += size;
                }

                await client.SendAsync("0\r\n\r\n");
            }
            else
            {
                await client.SendAsync($"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: {length}\r\n\r\n");
                await client.SendAsync(body);
            }

            Assert.Equal(expected, (await client.ReadMessageAsync()).Field("X-Up"));
        }
    }

    [Fact]
    public async Task A_slow_reader_stops_the_replica_from_sending()
    {
        const long Offered = 32 * 1024 * 1024;
        long sent = 0;
        await using var balancer = new TestBalancer(new Backend(async wire =>
        {
            wire.Socket.SendBufferSize = 64 * 1024;
            await wire.ReadMessageAsync();
            await wire.SendAsync($"HTTP/1.1 200 OK\r\nContent-Length: {Offered}\r\n\r\n");
            byte[] piece = new byte[64 * 1024];
            while (sent < Offered)
            {
                await wire.SendAsync(piece);
                Interlocked.Add(ref sent, piece.Length);
            }
        }));
        using Wire client = await balancer.ConnectAsync();
        client.Socket.ReceiveBufferSize = 64 * 1024;
        await client.SendAsync("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
        await client.ReadHeadAsync();

        // The replica has come to rest with the buffers on the way full. The kernel lets those of the balancer's sockets grow
        // to some megabytes, which together are far less than was offered.
        await Quiet.WhileAsync(() => Interlocked.Read(ref sent), TimeSpan.FromMilliseconds(500));
        Assert.InRange(Interlocked.Read(ref sent), 1, Offered / 2);

        byte[] rest = new byte[1024 * 1024];
        long got = 0;
        while (got < Offered)
        {
            int read = await client.ReadSomeAsync(rest);
            Assert.NotEqual(0, read);
            got += read;
        }

        Assert.Equal(Offered, got);
    }

    [Fact]
    public async Task An_early_answer_behind_which_the_replica_closes_ends_the_upload()
    {
        await using var balancer = new TestBalancer(new Backend(async wire =>
        {
            await wire.ReadHeadAsync();
            await wire.SendAsync("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno");
            await wire.ReadToEndAsync();
        }));
        using Wire client = await balancer.ConnectAsync();
        await client.SendAsync("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\nbeginning");
        Message answer = await client.ReadMessageAsync();
        Assert.Equal(403, answer.Status);
        Assert.Equal("close", answer.Field("Connection"));
        Assert.Equal("", await client.ReadToEndAsync());
    }

    [Fact]
    public async Task An_early_answer_reaches_a_client_that_sends_everything_first()
    {
        await using var balancer = new TestBalancer(new Backend(async wire =>
        {
            await wire.ReadHeadAsync();
            await wire.SendAsync("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno");
            await wire.ReadToEndAsync();
        }));
        byte[] body = new byte[10 * 1024 * 1024];
        using Wire client = await balancer.ConnectAsync();
        await client.SendAsync($"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: {body.Length}\r\n\r\n");
        await client.SendAsync(body);
        Message answer = await client.ReadMessageAsync();
        Assert.Equal(403, answer.Status);
        Assert.Equal("", await client.ReadToEndAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_body_that_pauses_again_and_again_is_passed_on_as_far_as_it_has_come(bool chunked)
    {
        // Above and below what one read takes, and what is moved inside the kernel.
        int[] pieces = [40_000, 1, 5000, 1021, 70_000, 3, 30_000, 900];
        byte[] body = Pattern(pieces.Sum());
        using var arrived = new SemaphoreSlim(0);
        await using var balancer = new TestBalancer(new Backend(async wire =>
        {
            await wire.ReadHeadAsync();
            await wire.SendAsync("HTTP/1.1 200 OK\r\n" + (chunked ? "Transfer-Encoding: chunked\r\n\r\n" : $"Content-Length: {body.Length}\r\n\r\n"));
            for (int i = 0, at = 0; i < pieces.Length; at += pieces[i++])
            {
                await wire.SendAsync(chunked ? $"{pieces[i]:x}\r\n" : "");
                await wire.SendAsync(body.AsMemory(at, pieces[i]));
                await wire.SendAsync(chunked ? "\r\n" : "");
                Assert.True(await arrived.WaitAsync(TimeSpan.FromSeconds(20)));
            }

            await wire.SendAsync(chunked ? "0\r\n\r\n" : "");
        }));
        using Wire client = await balancer.ConnectAsync();
        await client.SendAsync("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
        await client.ReadHeadAsync();
        for (int i = 0, at = 0; i < pieces.Length; at += pieces[i++])
        {
            if (chunked)
            {
                await client.ReadExactlyAsync($"{pieces[i]:x}\r\n".Length);
            }

            Assert.Equal(body[at..(at + pieces[i])], await client.ReadExactlyAsync(pieces[i]));
            if (chunked)
            {
                await client.ReadExactlyAsync(2);
            }

            arrived.Release();
        }
    }

    [Fact]
    public async Task Both_bodies_flow_at_the_same_time()
    {
        const int Length = 200_000;
        await using var balancer = new TestBalancer(new Backend(async wire =>
        {
            // Each piece is sent back before the next is read: the request never ends before the response begins.
            await wire.ReadHeadAsync();
            await wire.SendAsync($"HTTP/1.1 200 OK\r\nContent-Length: {Length}\r\n\r\n");
            byte[] piece = new byte[4096];
            for (int at = 0; at < Length;)
            {
                int got = await wire.ReadSomeAsync(piece);
                await wire.SendAsync(piece.AsMemory(0, got));
                at += got;
            }
        }));
        using Wire client = await balancer.ConnectAsync();
        byte[] body = Pattern(Length);
        await client.SendAsync($"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: {Length}\r\n\r\n");
        Task sending = client.SendAsync(body);
        Message answer = await client.ReadMessageAsync();
        await sending;
        Assert.Equal(body, answer.Body);
    }

    [Fact]
    public async Task A_body_cut_short_is_not_taken_for_a_whole_one()
    {
        await using var balancer = new TestBalancer(new Backend(Scripts.CloseMidBody));
        using Wire client = await balancer.ConnectAsync();
        await client.SendAsync("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
        await client.ReadHeadAsync();
        Assert.Equal("only this", await client.ReadToEndAsync());
        Assert.Equal(1, balancer.Replicas[0].Totals().Failures);
    }

    [Fact]
    public async Task Bad_chunks_from_the_replica_end_the_clients_connection()
    {
        await using var balancer = new TestBalancer(new Backend(Scripts.Always(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n-1\r\n")));
        using Wire client = await balancer.ConnectAsync();
        await client.SendAsync("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
        string got = await client.ReadToEndAsync();
        Assert.True(got.StartsWith("HTTP/1.1 502", StringComparison.Ordinal) || got.EndsWith("\r\n\r\n5\r\nhello\r\n", StringComparison.Ordinal), got);
    }

    [Fact]
    public async Task Bad_chunks_from_the_client_are_refused()
    {
        await using var balancer = new TestBalancer(new Backend(Scripts.Echo));
        using Wire client = await balancer.ConnectAsync();
        await client.SendAsync(
            "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n");
        string all = await client.ReadToEndAsync();
        Assert.StartsWith("HTTP/1.1 400 ", all);
        Assert.DoesNotContain("smuggled", all);
        Assert.Equal(0, balancer.Replicas[0].Totals().Requests);
    }
}
