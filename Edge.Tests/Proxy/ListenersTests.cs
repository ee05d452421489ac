using System.Net;
using System.Net.Sockets;
using Edge.Config;
using Edge.Contract;
using Edge.Tests.Backends;

namespace Edge.Tests.Proxy;

/// <summary>Edge:Listen with several addresses.</summary>
public sealed class ListenersTests
{
    [Fact]
    public async Task Each_loop_listens_at_each_address_and_requests_of_all_are_forwarded()
    {
        await using var balancer = new TestBalancer(s => s with { Listen = "127.0.0.1:0,http://127.0.0.2:0,[::1]:0" }, null, new Backend(Scripts.Echo));
        Assert.Equal(["127.0.0.1", "127.0.0.2", "::1"], balancer.Plane.Addresses.Select(a => a.Endpoint.Address.ToString()));
        ILookup<IPEndPoint, int> sockets = await balancer.Plane.ListenersAsync();
        Assert.Equal(3, sockets.Count);
        foreach (ListenAddress address in balancer.Plane.Addresses)
        {
            Assert.Equal(2, sockets[address.Endpoint].Count());
            using Wire client = await Wire.ConnectAsync(address.Endpoint);
            await client.SendAsync("GET /x HTTP/1.1\r\nHost: h\r\n\r\n");
            Message answer = await client.ReadMessageAsync();
            Assert.Equal(200, answer.Status);
            Assert.Contains("GET /x", answer.Text, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("", true, true)]
    [InlineData("first", true, false)]
    [InlineData("second", false, true)]
    [InlineData("127.0.0.3:0", false, false)]
    public async Task The_own_paths_are_at_each_address_or_at_the_one_that_is_named(string control, bool atFirst, bool atSecond)
    {
        IPEndPoint first = FreeAddress(), second = FreeAddress();
        string own = control switch { "first" => $"{first}", "second" => $"{second}", _ => control };
        await using var balancer = new TestBalancer(
            s => s with { Listen = $"{first},{second}", Control = new() { Listen = own } },
            _ => Task.FromResult(new ControlResponse(299, "{}"u8.ToArray(), [])), new Backend(Scripts.Echo));
        Assert.Equal(atFirst ? 299 : 200, await AskAsync(first));
        Assert.Equal(atSecond ? 299 : 200, await AskAsync(second));
        Assert.Equal(control.StartsWith("127.0.0.3", StringComparison.Ordinal), balancer.Plane.ControlEndpoint is not null);
        if (balancer.Plane.ControlEndpoint is { } apart)
        {
            Assert.Equal(299, await AskAsync(apart));
        }
    }

    [Fact]
    public async Task Where_one_address_is_taken_none_is_listened_at()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        IPEndPoint free = FreeAddress();
        var failed = Assert.Throws<SocketException>(() => new TestBalancer(s => s with { Listen = $"{free},{taken.LocalEndpoint}" }, null));
        Assert.Equal(SocketError.AddressAlreadyInUse, failed.SocketErrorCode);
        var refused = await Assert.ThrowsAsync<SocketException>(() => Wire.ConnectAsync(free));
        Assert.Equal(SocketError.ConnectionRefused, refused.SocketErrorCode);
    }

    private static async Task<int> AskAsync(IPEndPoint address)
    {
        using Wire client = await Wire.ConnectAsync(address);
        await client.SendAsync("GET /rep HTTP/1.1\r\nHost: h\r\n\r\n");
        return (await client.ReadMessageAsync()).Status;
    }

    private static IPEndPoint FreeAddress()
    {
        using var any = new TcpListener(IPAddress.Loopback, 0);
        any.Start();
        return (IPEndPoint)any.LocalEndpoint;
    }
}
