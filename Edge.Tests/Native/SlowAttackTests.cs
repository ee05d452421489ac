using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Edge.Tests.Backends;

namespace Edge.Tests.Native;

/// <summary>Thousands of clients that are slow on purpose, and one that is not.</summary>
public sealed class SlowAttackTests
{
    private const int Attackers = 5_000;
    private const string Get = "GET /home HTTP/1.1\r\nHost: h\r\n\r\n";

    [Theory]
    [InlineData("heads", "GET /home HTTP/1.1\r\nHost: h\r\nX: ")]
    [InlineData("bodies", "POST /home HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\n")]
    public async Task Five_thousand_slow_clients_do_not_keep_another_from_being_served(string what, string begin)
    {
        await using var backend = new Backend(AnswerAsync, TimeSpan.FromMinutes(3));

        // Each slow body has a place at a replica: those are not what is to be tested here. Nor is the one replica, in this
        // process, which has all the attackers to serve and no time for its health checks.
        await using NativeEdge edge = await NativeEdge.StartAsync(
            ("Fleet:Driver", "static"), ("Fleet:Addresses:0", backend.Address.ToString()),
            ("Timeouts:RequestHead", "00:00:20"), ("Timeouts:BodyGrace", "00:00:20"), ("Overload:Connections", $"{Attackers + 1_000}"),
                ("Overload:PerReplica", "0"), ("Health:Fall", "100"));
        using Wire client = await Wire.ConnectAsync(edge.Endpoint, TimeSpan.FromMinutes(3));
        await client.MeasureAsync(Get, 2_000);
        double before = await client.MeasureAsync(Get, 20_000);
        long memory = edge.MemoryKib("VmRSS");
        int descriptors = edge.Descriptors();
        var attackers = new List<Socket>(Attackers);
        try
        {
            byte[] head = Encoding.ASCII.GetBytes(begin);
            for (int i = 0; i < Attackers; i++)
            {
                // From several addresses of the loopback range, as attackers would.
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                attackers.Add(socket);
                socket.Bind(new IPEndPoint(new IPAddress([127, 0, 0, (byte)(2 + i % 8)]), 0));
                await socket.ConnectAsync(edge.Endpoint, TestContext.Current.CancellationToken);
                await socket.SendAsync(head);
            }

            using var stop = new CancellationTokenSource();
            Task<int> trickle = Task.Run(() => TrickleAsync(attackers, stop.Token));
            double during = await client.MeasureAsync(Get, 20_000);
            long peak = edge.MemoryKib("VmHWM");
            await stop.CancelAsync();
            TestContext.Current.TestOutputHelper!.WriteLine(
                $"{Attackers} slow {what}: p99 {before:0} us without, {during:0} us with; {await trickle} bytes trickled; resident "
                    + $"{memory} KiB before, {peak} KiB at most");
            Assert.InRange((peak - memory) * 1024.0 / Attackers, 0, 12 * 1024);

            // One for the client, and one for the replica where there is a request already.
            Assert.InRange(edge.Descriptors() - descriptors, 0, 2 * Attackers + 200);

            // All are told why and ended, whatever they still send.
            byte[] answer = new byte[12];
            foreach (Socket socket in attackers)
            {
                using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(40));
                Assert.Equal(answer.Length, await socket.ReceiveAsync(answer, SocketFlags.None, patience.Token));
                Assert.Equal("HTTP/1.1 408", Encoding.ASCII.GetString(answer));
            }
        }
        finally
        {
            attackers.ForEach(s => s.Dispose());
        }

        Assert.Equal(200, (await edge.AskAsync("GET", "/home")).Status);
    }

    // A request is answered when it is there, whole.
    private static async Task AnswerAsync(Wire wire)
    {
        while (true)
        {
            await wire.ReadMessageAsync();
            await wire.SendAsync(Scripts.Ok);
        }
    }

    // A byte from each about once a second.
    private static async Task<int> TrickleAsync(List<Socket> attackers, CancellationToken stop)
    {
        int sent = 0;
        byte[] one = "x"u8.ToArray();
        while (!stop.IsCancellationRequested)
        {
            foreach (Socket[] some in attackers.Chunk(Attackers / 50))
            {
                foreach (Socket socket in some)
                {
                    sent += await socket.SendAsync(one, SocketFlags.None, CancellationToken.None);
                }

                await Task.Delay(20, CancellationToken.None);
            }
        }

        return sent;
    }
}
