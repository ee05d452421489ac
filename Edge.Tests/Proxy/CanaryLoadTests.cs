using System.Text;
using Edge.Config;
using Edge.Routing;
using Edge.Telemetry;
using Edge.Tests.Backends;

namespace Edge.Tests.Proxy;

/// <summary>Many requests at a time, while new replicas come, fail and go.</summary>
public sealed class CanaryLoadTests
{
    private const int Clients = 16;
    private const int Each = 120;

    // One after the other, whatever is asked, in no order that the requests would have.
    private static Func<Wire, Task> Unwell()
    {
        int number = 0;
        return async wire =>
        {
            while (true)
            {
                Message request = await wire.ReadMessageAsync();
                switch (Interlocked.Increment(ref number) % 7)
                {
                    case 0:
                        wire.Reset();
                        return;
                    case 1:
                        await wire.SendAsync("HTTP/1.1 500 Broken\r\nContent-Length: 0\r\n\r\n");
                        break;
                    case 2:
                        await wire.SendAsync("HTTP/1.1 2");
                        return;
                    case 3:
                        await wire.SendAsync("nonsense\r\n\r\n");
                        return;
                    case 4:
                        return;
                    default:
                        string path = request.StartLine.Split(' ')[1];
                        await wire.SendAsync($"HTTP/1.1 200 OK\r\nContent-Length: {path.Length}\r\n\r\n{path}");
                        break;
                }
            }
        };
    }

    private static async Task Well(Wire wire)
    {
        while (true)
        {
            Message request = await wire.ReadMessageAsync();
            string path = request.StartLine.Split(' ')[1];
            await wire.SendAsync($"HTTP/1.1 200 OK\r\nContent-Length: {path.Length}\r\n\r\n{path}");
        }
    }

    [Fact]
    public async Task No_request_fails_while_new_replicas_fail_come_and_go()
    {
        await using var canary = new CanaryBalancer(
            new Backend(Unwell()), share: 5000, old: [new Backend(Well), new Backend(Well)], change: o => o with { Loops = 2 });
        canary.New.EjectAfter = 0;
        int left = Clients;
        async Task AskAsync(int number)
        {
            using Wire client = await canary.Balancer.ConnectAsync();
            for (int i = 0; i < Each; i++)
            {
                string path = $"/{number}/{i}";
                string rest = i % 5 == 4 ? "Content-Length: 1\r\n\r\nx" : "\r\n";
                await client.SendAsync($"{(i % 5 == 4 ? "POST" : "GET")} {path} HTTP/1.1\r\nHost: h\r\n{rest}");
                Message answer = await client.ReadMessageAsync();
                Assert.Equal((200, path), (answer.Status, answer.Text));
            }

            Interlocked.Decrement(ref left);
        }

        async Task ChangeAsync()
        {
            for (int i = 0; Volatile.Read(ref left) > 0; i++)
            {
                canary.Publish(i % 4 == 3 ? [canary.Old[0]] : canary.Old, i % 3 == 2 ? [] : [canary.New]);
                await canary.Balancer.Plane.TurnedAsync();
            }
        }

        await Task.WhenAll([.. Enumerable.Range(0, Clients).Select(AskAsync), ChangeAsync()]);
        CanaryTally old = canary.OfOld, fresh = canary.OfNew;
        Assert.Equal(0, canary.Balancer.Plane.Figures(0).Requests.Failed + canary.Balancer.Plane.Figures(1).Requests.Failed);
        Assert.Equal(0, old.Errors);
        Assert.InRange(fresh.Errors, 1, fresh.Attempts);
        Assert.InRange(old.Attempts + fresh.Attempts, 1, Clients * Each * 4 / 5);
        Assert.Equal(fresh.Attempts - fresh.Errors, fresh.Response.Count);
        Assert.All(canary.Old, replica => Assert.Equal(0, replica.Totals().Failures));
    }

    [Fact]
    public async Task A_compared_request_allocates_nothing()
    {
        await using var canary = new CanaryBalancer(new Backend(Well), share: 5000, by: CanaryBy.Request);
        using Wire client = await canary.Balancer.ConnectAsync();
        byte[] request = Encoding.ASCII.GetBytes(CanaryBalancer.Get);
        async Task<long> AllocatedAsync(int requests)
        {
            long before = canary.Balancer.Plane.Figures(0).AllocatedBytes;
            for (int i = 0; i < requests; i++)
            {
                await client.SendAsync(request);
                await client.ReadMessageAsync();
            }

            return canary.Balancer.Plane.Figures(0).AllocatedBytes - before;
        }

        // The least of several: what is done once, as compiling is, is not done for each request.
        long least = await AllocatedAsync(500);
        for (int i = 0; i < 5; i++)
        {
            least = Math.Min(least, await AllocatedAsync(200));
        }

        Assert.Equal(0, least);
        Assert.InRange(canary.OfNew.Attempts, 500, 1000);
        Assert.InRange(canary.OfOld.Attempts, 500, 1000);
    }
}
