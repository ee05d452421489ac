using System.Net;
using System.Net.Sockets;
using Edge.Io;
using Edge.Tests.Backends;
using Edge.Tests.Native;

namespace Edge.Tests.Io;

/// <summary>What these count belongs to the whole process, so nothing else may run meanwhile.</summary>
[Collection(nameof(Alone))]
public class DescriptorTests
{
    private static int Open() => Directory.EnumerateFileSystemEntries("/proc/self/fd").Count();

    private static async Task ConnectAndLeaveAsync()
    {
        await using var loop = new TestLoop();
        Listener listener = await loop.ListenAsync(fd => _ = new Echo(loop, fd));
        for (int i = 0; i < 30; i++)
        {
            using Wire client = await Wire.ConnectAsync(listener.Endpoint);
            await client.SendAsync("x");
            Assert.Single(await client.ReadExactlyAsync(1));
            if (i % 3 == 0)
            {
                client.Reset();
            }
        }

        // Some are still open when the loop ends, which closes them.
        List<Wire> open = [];
        for (int i = 0; i < 10; i++)
        {
            open.Add(await Wire.ConnectAsync(listener.Endpoint));
        }

        await loop.SettleAsync();
        if (Random.Shared.Next(2) == 0)
        {
            await loop.RunAsync(listener.Close);
        }

        await loop.DisposeAsync();
        open.ForEach(w => w.Dispose());
    }

    private static void Refuse()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var endpoint = (IPEndPoint)taken.LocalEndpoint;
        Assert.Throws<SocketException>(() => Listener.CheckFree(endpoint));
        Listener.CheckFree(new IPEndPoint(IPAddress.Parse("127.0.0.2"), endpoint.Port));
    }

    private static void FillPipes()
    {
        // More than the pool keeps.
        var pool = new PipePool();
        Pipe[] pipes = [.. Enumerable.Range(0, 40).Select(_ => pool.TryRent()!)];
        Array.ForEach(pipes, pool.Return);
        Assert.Contains(pool.TryRent(), pipes);
        pool.Return(pipes[15]);
        pool.Clear();
    }

    [Fact]
    public async Task Every_descriptor_is_given_back()
    {
        // The framework opens some of its own when it is used for the first time.
        await RoundAsync();
        await Quiet.WhileAsync(() => Open(), TimeSpan.FromMilliseconds(200));
        int before = Open();
        for (int round = 0; round < 5; round++)
        {
            await RoundAsync();
        }

        await Quiet.UntilAsync(() => Open() <= before, $"no more than {before} descriptors, now {Open()}");

        static async Task RoundAsync()
        {
            await ConnectAndLeaveAsync();
            Refuse();
            FillPipes();
        }
    }
}
