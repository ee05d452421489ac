using Edge.Tests.Backends;

namespace Edge.Tests.Native;

/// <summary>Servers of a static fleet, all of which fail their health checks and answer everything else.</summary>
public sealed class PanicTests
{
    [Theory]
    [InlineData("true", 200)]
    [InlineData("false", 503)]
    public async Task A_static_fleet_whose_checks_all_fail_is_asked_all_the_same_unless_it_is_not_to_be(string panic, int status)
    {
        await using var one = new Backend(AllButItsCheckAsync);
        await using var other = new Backend(AllButItsCheckAsync);
        await using NativeEdge edge = await NativeEdge.StartAsync(
            ("Fleet:Driver", "static"),
            ("Fleet:Addresses:0", $"{one.Address}"),
            ("Fleet:Addresses:1", $"{other.Address}"),
            ("Health:Interval", "00:00:00.050"),
            ("Health:Panic", panic));
        await Quiet.UntilAsync(
            async () => (await edge.StatusAsync()).GetProperty("replicas").EnumerateArray().All(r => r.GetProperty("state").GetString() == "unhealthy"),
            "none is well",
            TimeSpan.FromSeconds(20));
        Assert.Equal(status == 200, (await edge.StatusAsync()).GetProperty("fleet").GetProperty("panic").GetBoolean());
        using Wire client = await edge.ConnectAsync();
        for (int i = 0; i < 4; i++)
        {
            await client.SendAsync("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
            Assert.Equal(status, (await client.ReadMessageAsync()).Status);
        }
    }

    private static async Task AllButItsCheckAsync(Wire wire)
    {
        while (true)
        {
            bool isCheck = (await wire.ReadMessageAsync()).Head.StartsWith("GET /heartbeat ", StringComparison.Ordinal);
            await wire.SendAsync(isCheck ? "HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n" : Scripts.Ok);
        }
    }
}
