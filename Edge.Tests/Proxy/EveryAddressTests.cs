using System.Net;
using System.Net.Sockets;
using Edge.Config;
using Edge.Proxy;
using Edge.Tests.Backends;

namespace Edge.Tests.Proxy;

/// <summary>Edge:Listen with a star: both families at one socket, and a client of IPv4 is one of IPv4 everywhere.</summary>
public sealed class EveryAddressTests
{
    [Theory]
    [InlineData("127.0.0.1", "127.0.0.1")]
    [InlineData("127.0.0.9", "127.0.0.9")]
    [InlineData("::1", "::1")]
    public async Task A_star_takes_clients_of_both_families_and_tells_their_addresses_as_they_are(string from, string told)
    {
        await using TestBalancer balancer = Balancer(s => s);
        using Wire client = await ConnectAsync(balancer, from);
        await client.SendAsync("GET / HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: 6.6.6.6\r\n\r\n");
        Assert.Contains($"\r\nX-Forwarded-For: {told}\r\n", (await client.ReadMessageAsync()).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("127.0.0.1", "6.6.6.6, 127.0.0.1")]
    [InlineData("::1", "::1")]
    public async Task A_network_of_IPv4_is_trusted_at_such_a_socket_too(string from, string told)
    {
        await using TestBalancer balancer = Balancer(s => s with { Forwarding = new() { TrustedProxies = ["127.0.0.0/8"] } });
        using Wire client = await ConnectAsync(balancer, from);
        await client.SendAsync("GET / HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: 6.6.6.6\r\n\r\n");
        Assert.Contains($"\r\nX-Forwarded-For: {told}\r\n", (await client.ReadMessageAsync()).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connections_are_counted_for_each_address_of_either_family()
    {
        await using TestBalancer balancer = Balancer(s => s with { Overload = new() { ConnectionsPerClient = 1 } });
        using Wire first = await ConnectAsync(balancer, "127.0.0.1");
        await first.SendAsync("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
        Assert.Equal(200, (await first.ReadMessageAsync()).Status);
        using Wire again = await ConnectAsync(balancer, "127.0.0.1");
        Assert.Equal(503, (await again.ReadMessageAsync()).Status);
        foreach (string other in new[] { "127.0.0.2", "::1" })
        {
            using Wire client = await ConnectAsync(balancer, other);
            await client.SendAsync("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
            Assert.Equal(200, (await client.ReadMessageAsync()).Status);
        }
    }

    private static TestBalancer Balancer(Func<EdgeOptions, EdgeOptions> change)
    {
        Assert.SkipUnless(Socket.OSSupportsIPv6, "no IPv6 here: a star is every address of IPv4");
        return new TestBalancer(s => change(s with { Listen = "*:0" }), null, new Backend(Scripts.Echo));
    }

    private static async Task<Wire> ConnectAsync(TestBalancer balancer, string from)
    {
        IPAddress address = IPAddress.Parse(from);
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Bind(new IPEndPoint(address, 0));
        IPAddress loopback = address.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Loopback : IPAddress.IPv6Loopback;
        await socket.ConnectAsync(new IPEndPoint(loopback, balancer.Plane.Endpoint.Port));
        return new Wire(socket, TestContext.Current.CancellationToken);
    }
}
