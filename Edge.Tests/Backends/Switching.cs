using System.Text;

namespace Edge.Tests.Backends;

/// <summary>Replicas that leave HTTP when they are asked to, and clients that ask.</summary>
internal static class Switching
{
    internal const string Offer = "GET /chat HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: test/1\r\n\r\n";

    internal const string Answer = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: test/1\r\n\r\n";

    /// <summary>Takes up what is offered, and goes on as the script says.</summary>
    internal static Func<Wire, Task> Then(Func<Wire, Task> script) => async wire =>
    {
        await wire.ReadHeadAsync();
        await wire.SendAsync(Answer);
        await script(wire);
    };

    /// <summary>Sends back what it gets until that ends, and then ends, too.</summary>
    internal static async Task Echo(Wire wire)
    {
        byte[] some = new byte[4096];
        for (int got; (got = await wire.ReadSomeAsync(some)) > 0;)
        {
            await wire.SendAsync(some.AsMemory(0, got));
        }

        wire.Finish();
        await wire.ReadToEndAsync();
    }

    /// <summary>A tunnel through the balancer, from the client's end.</summary>
    internal static async Task<Wire> OpenTunnelAsync(this TestBalancer balancer)
    {
        Wire client = await balancer.ConnectAsync();
        await client.SendAsync(Offer);
        Assert.StartsWith("HTTP/1.1 101 ", await client.ReadHeadAsync(), StringComparison.Ordinal);
        return client;
    }

    /// <summary>Sends, and expects the same back.</summary>
    internal static async Task PlayAsync(this Wire client, string text)
    {
        await client.SendAsync(text);
        Assert.Equal(text, Encoding.Latin1.GetString(await client.ReadExactlyAsync(text.Length)));
    }
}
