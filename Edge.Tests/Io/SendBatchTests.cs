using System.Net.Sockets;
using Edge.Io;
using Edge.Tests.Backends;

namespace Edge.Tests.Io;

/// <summary>What is posted and closed together at the end of a turn. Where the kernel has no ring, the same holds, but for the time.</summary>
public class SendBatchTests
{
    private const int Many = 300;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    /// <summary>Goes on with what is unsent when there is room, and notes what it is told.</summary>
    private sealed class Poster : Connection
    {
        private readonly TaskCompletionSource _broken = new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal Poster(EventLoop loop, int fd) : base(loop) => Attach(fd);

        internal int Told { get; private set; }

        internal Action Tell { get; set; } = () => { };

        internal Task WhenBroken => _broken.Task.WaitAsync(s_patience);

        internal override void OnReady(uint events)
        {
            Note(events);
            if (events == 0)
            {
                Told++;
                Tell();
            }

            if (HungUp)
            {
                Told++;
                _broken.TrySetResult();
            }
            else
            {
                Flush();
            }
        }
    }

    private static async Task<(Poster Server, Wire Client)[]> PairsAsync(TestLoop loop, int count)
    {
        var accepted = new List<Poster>();
        Listener listener = await loop.ListenAsync(fd => accepted.Add(new Poster(loop, fd)));
        var pairs = new (Poster, Wire)[count];
        for (int i = 0; i < count; i++)
        {
            Wire client = await Wire.ConnectAsync(listener.Endpoint);

            // One after the other, so that each is known; and each can send once the kernel has said so.
            while (await loop.RunAsync(() => accepted.Count <= i || !accepted[i].Writable))
            {
                await Task.Yield();
            }

            pairs[i] = (accepted[i], client);
        }

        return pairs;
    }

    private static byte[] Noise(int seed, int length)
    {
        byte[] bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(Many)]
    public async Task Each_receiver_gets_the_bytes_that_were_posted(int count)
    {
        await using var loop = new TestLoop(batchesSends: true);
        (Poster Server, Wire Client)[] pairs = await PairsAsync(loop, count);
        for (int round = 0; round < 3; round++)
        {
            byte[][] posted = [.. pairs.Select((_, i) => Noise(i + round, 100 + i))];
            await loop.RunAsync(() =>
            {
                for (int i = 0; i < count; i++)
                {
                    Assert.True(pairs[i].Server.Post(posted[i]));
                    Assert.Equal(loop.SendBatch.IsOpen ? posted[i].Length : 0, pairs[i].Server.UnsentBytes);
                }
            });
            for (int i = 0; i < count; i++)
            {
                Assert.Equal(posted[i], await pairs[i].Client.ReadExactlyAsync(posted[i].Length));
            }
        }

        Assert.Equal(Enumerable.Range(0, count).Select(i => 3L * (100 + i)), await loop.RunAsync(() => pairs.Select(p => p.Server.BytesSent).ToArray()));
        Assert.Equal(0, await loop.RunAsync(() => loop.Buffers.Outstanding));
        Assert.All(pairs, p => p.Client.Dispose());
    }

    [Fact]
    public async Task What_has_no_room_follows_in_order()
    {
        await using var loop = new TestLoop(batchesSends: true);
        (Poster Server, Wire Client)[] pairs = await PairsAsync(loop, 2);
        byte[][] pieces = [.. Enumerable.Range(0, 100).Select(i => Noise(i, 16 * 1024 - i))];
        byte[] all = [.. pieces.SelectMany(p => p)];
        Task<byte[]>[] readings = [.. pairs.Select(p => p.Client.ReadExactlyAsync(all.Length))];
        foreach (byte[] piece in pieces)
        {
            await loop.RunAsync(() => Assert.All(pairs, p => Assert.True(p.Server.Post(piece))));
        }

        foreach (Task<byte[]> reading in readings)
        {
            Assert.Equal(all, await reading);
        }

        await loop.SettleAsync();
        Assert.Equal(0, await loop.RunAsync(() => pairs.Sum(p => p.Server.UnsentBytes) + loop.Buffers.Outstanding));
        Assert.All(pairs, p => p.Client.Dispose());
    }

    [Fact]
    public async Task What_is_sent_after_it_comes_behind_it()
    {
        await using var loop = new TestLoop(batchesSends: true);
        (Poster Server, Wire Client)[] pairs = await PairsAsync(loop, 2);
        await loop.RunAsync(() => Assert.All(pairs, p => Assert.True(
            p.Server.Post("one "u8.ToArray()) && p.Server.Send("two "u8.ToArray()) && p.Server.Post("three"u8.ToArray()))));
        foreach ((_, Wire client) in pairs)
        {
            Assert.Equal("one two three"u8.ToArray(), await client.ReadExactlyAsync(13));
            client.Dispose();
        }
    }

    [Fact]
    public async Task A_connection_that_waits_for_its_send_is_told_and_may_go_on_in_the_same_turn()
    {
        await using var loop = new TestLoop(batchesSends: true);
        (Poster Server, Wire Client)[] pairs = await PairsAsync(loop, 3);
        bool isOpen = await loop.RunAsync(() => loop.SendBatch.IsOpen);
        foreach ((Poster server, _) in pairs)
        {
            server.Tell = () =>
            {
                server.Post("more"u8.ToArray());
                server.AwaitPosted();
                server.Tell = server.Close;
            };
        }

        await loop.RunAsync(() =>
        {
            foreach ((Poster server, _) in pairs)
            {
                Assert.True(server.Post("some "u8.ToArray()));
                Assert.Equal(isOpen, server.AwaitPosted());
            }
        });
        foreach ((Poster server, Wire client) in pairs)
        {
            if (isOpen)
            {
                Assert.Equal("some more"u8.ToArray(), await client.ReadExactlyAsync(9));
                Assert.Equal(0, await client.ReadSomeAsync(new byte[1]));
                Assert.Equal(2, server.Told);
            }

            client.Dispose();
        }
    }

    [Fact]
    public async Task A_broken_connection_is_told_and_the_others_get_theirs()
    {
        await using var loop = new TestLoop(batchesSends: true);
        (Poster Server, Wire Client)[] pairs = await PairsAsync(loop, 3);
        pairs[1].Client.Socket.LingerState = new LingerOption(true, 0);
        pairs[1].Client.Dispose();
        await pairs[1].Server.WhenBroken;
        await loop.SettleAsync();
        int toldBefore = await loop.RunAsync(() => pairs[1].Server.Told);
        (bool[] Posted, bool IsOpen) outcome = await loop.RunAsync(
            () => (pairs.Select(p => p.Server.Post("text"u8.ToArray())).ToArray(), loop.SendBatch.IsOpen));
        await loop.SettleAsync();
        Assert.Equal([true, outcome.IsOpen, true], outcome.Posted);
        Assert.Equal(outcome.IsOpen ? toldBefore + 1 : toldBefore, await loop.RunAsync(() => pairs[1].Server.Told));
        foreach ((_, Wire client) in new[] { pairs[0], pairs[2] })
        {
            Assert.Equal("text"u8.ToArray(), await client.ReadExactlyAsync(4));
            client.Dispose();
        }
    }

    [Fact]
    public async Task What_is_closed_sends_nothing_that_was_posted_and_ends_with_the_turn()
    {
        await using var loop = new TestLoop(batchesSends: true);
        (Poster Server, Wire Client)[] pairs = await PairsAsync(loop, Many);
        bool isOpen = await loop.RunAsync(() => loop.SendBatch.IsOpen);
        await loop.RunAsync(() =>
        {
            foreach ((Poster server, _) in pairs)
            {
                server.Post("never"u8.ToArray());
                server.Close();
            }
        });
        foreach ((_, Wire client) in pairs)
        {
            Assert.Equal(isOpen ? 0 : 5, await client.ReadSomeAsync(new byte[10]));
            client.Dispose();
        }

        await loop.SettleAsync();
        Assert.Equal(0, await loop.RunAsync(() => loop.Buffers.Outstanding));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_last_goes_out_with_the_end(bool finishesOnly)
    {
        await using var loop = new TestLoop(batchesSends: true);
        (Poster server, Wire client) = (await PairsAsync(loop, 1))[0];
        await loop.RunAsync(() =>
        {
            Assert.True(server.Send("the end"u8.ToArray(), isLast: true));
            if (finishesOnly)
            {
                server.FinishSending();
            }
            else
            {
                server.Close();
            }
        });
        Assert.Equal("the end"u8.ToArray(), await client.ReadExactlyAsync(7));
        Assert.Equal(0, await client.ReadSomeAsync(new byte[1]));
        client.Dispose();
    }

    [Fact]
    public async Task Without_a_ring_it_is_sent_on_the_spot()
    {
        await using var loop = new TestLoop();
        (Poster Server, Wire Client)[] pairs = await PairsAsync(loop, 2);
        await loop.RunAsync(() =>
        {
            Assert.False(loop.SendBatch.IsOpen);
            foreach ((Poster server, _) in pairs)
            {
                Assert.True(server.Post("text"u8.ToArray()));
                Assert.Equal((0, false), (server.UnsentBytes, server.AwaitPosted()));
            }
        });
        foreach ((_, Wire client) in pairs)
        {
            Assert.Equal("text"u8.ToArray(), await client.ReadExactlyAsync(4));
            client.Dispose();
        }
    }
}
