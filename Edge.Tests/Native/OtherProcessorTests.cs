using System.Runtime.InteropServices;
using Edge.Tests.Backends;
using Edge.Tests.Proxy;

namespace Edge.Tests.Native;

/// <summary>
/// The binary for arm64, on a machine that is not: QEMU translates its instructions and passes on its system calls, so that what
/// differs between the two in numbers, flags and structures of the kernel shows. EDGE_ARM64 names it, as ./test.sh sets it. QEMU has
/// no io_uring: everything goes by plain calls.
/// </summary>
public class OtherProcessorTests
{
    private static string[] Command
    {
        get
        {
            Assert.SkipUnless(RuntimeInformation.ProcessArchitecture == Architecture.X64, "The machine is of the other kind itself: all tests are about that.");
            return ["qemu-aarch64-static", NativeEdge.Published("EDGE_ARM64")];
        }
    }

    [Fact]
    public async Task It_balances_relays_and_is_taken_over_without_a_request_lost()
    {
        string[] command = Command;
        await using Backend first = new(Scripts.Echo), second = new(Scripts.Echo);
        (string, string)[] fleet =
            [("Fleet:Driver", "static"), ("Fleet:Addresses:0", first.Address.ToString()), ("Fleet:Addresses:1", second.Address.ToString())];
        NativeEdge old = await NativeEdge.StartAsync(command, null, [], fleet);
        await old.HealthyAsync(2);
        await UseAsync(old);
        var load = new MixedLoad(old.Endpoint, posts: true);
        await load.MoreAsync(500);
        await using NativeEdge edge = await NativeEdge.StartAsync(command, null, ["--takeover"], [.. fleet, ("Listen", old.Endpoint.ToString())]);
        Assert.Equal(0, await old.ExitAsync());
        await old.DisposeAsync();
        await load.MoreAsync(500);
        Assert.Empty(await load.StopAsync());
        await UseAsync(edge);
        Assert.All([first, second], backend => Assert.NotEqual(0, backend.Connections));
    }

    [Fact]
    public async Task It_moves_long_bodies_both_ways()
    {
        byte[] body = BodyTests.Pattern(3_000_000);
        await using var backend = new Backend(async wire =>
        {
            Message request = await wire.ReadMessageAsync();
            await wire.SendAsync($"HTTP/1.1 200 OK\r\nContent-Length: {request.Body.Length}\r\n\r\n");
            await wire.SendAsync(request.Body);
        });
        await using NativeEdge edge = await NativeEdge.StartAsync(
            Command, null, [], ("Fleet:Driver", "static"), ("Fleet:Addresses:0", backend.Address.ToString()), ("Health:Interval", "01:00:00"));
        using Wire client = await edge.ConnectAsync();
        await client.SendAsync($"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: {body.Length}\r\n\r\n");
        await client.SendAsync(body);
        Message answer = await client.ReadMessageAsync();
        Assert.Equal((200, true), (answer.Status, answer.Body.AsSpan().SequenceEqual(body)));
    }

    private static async Task UseAsync(NativeEdge edge)
    {
        Assert.Contains("GET /a HTTP/1.1\r\n", (await edge.AskAsync("GET", "/a")).Text, StringComparison.Ordinal);
        Assert.Equal(2, (await edge.StatusAsync()).GetProperty("replicas").GetArrayLength());
        Assert.Contains("edge_build_info{", (await edge.AskAsync("GET", "/edge/metrics")).Text, StringComparison.Ordinal);
    }
}
