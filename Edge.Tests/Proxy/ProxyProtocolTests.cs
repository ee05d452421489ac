using System.Net;
using Edge.Config;
using Edge.Contract;
using Edge.Proxy;
using Edge.Tests.Backends;

namespace Edge.Tests.Proxy;

public sealed class ProxyProtocolTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: 6.6.6.6\r\n\r\n";
    private const string Line = "PROXY TCP4 192.0.2.7 192.0.2.1 56324 443\r\n";

    // As the line: version 2, PROXY, TCP over IPv4.
    private static readonly string s_binary = "\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0C" + "\xC0\0\x02\x07\xC0\0\x02\x01\xDC\x04\x01\xBB";
    private static readonly string s_local = "\r\n\r\n\0\r\nQUIT\n\x20\0\0\0";

    [Fact]
    public async Task The_address_that_a_trusted_proxy_names_is_the_clients_for_all_requests_of_the_connection()
    {
        await using TestBalancer balancer = Balancer();
        foreach ((string header, string address) in new[]
        {
            (Line, "192.0.2.7"), (s_binary, "192.0.2.7"), ("PROXY TCP6 2001:db8::9 ::1 1 2\r\n", "2001:db8::9"),
            ("PROXY UNKNOWN\r\n", "127.0.0.1"), (s_local, "127.0.0.1"),
        })
        {
            using Wire client = await balancer.ConnectAsync();
            await client.SendAsync(header + Get + Get);
            await client.SendAsync(Get);
            for (int i = 0; i < 3; i++)
            {
                Message answer = await client.ReadMessageAsync();
                Assert.Contains($"X-Forwarded-For: {address}\r\n", answer.Text);
            }
        }
    }

    [Fact]
    public async Task A_PROXY_header_may_come_in_any_pieces()
    {
        await using TestBalancer balancer = Balancer();
        foreach (string header in new[] { Line, s_binary })
        {
            for (int cut = 1; cut <= header.Length + 1; cut++)
            {
                using Wire client = await balancer.ConnectAsync();
                await client.SendAsync((header + Get)[..cut]);
                await client.SendAsync((header + Get)[cut..]);
                Assert.Contains("X-Forwarded-For: 192.0.2.7\r\n", (await client.ReadMessageAsync()).Text);
            }

            using Wire slow = await balancer.ConnectAsync();
            foreach (char c in header + Get)
            {
                await slow.SendAsync(c.ToString());
            }

            Assert.Contains("X-Forwarded-For: 192.0.2.7\r\n", (await slow.ReadMessageAsync()).Text);
        }
    }

    [Theory]
    [InlineData(Get)]
    [InlineData("PROXY TCP4 192.0.2.7 192.0.2.1 56324 65536\r\n" + Get)]
    [InlineData("\r\n\r\n\0\r\nQUIT\n\x21\x41\0\0" + Get)]
    [InlineData("\x16\x03\x01\x02\0\x01")]
    public async Task A_trusted_proxy_that_says_anything_else_is_disconnected_without_an_answer(string bytes)
    {
        await using TestBalancer balancer = Balancer();
        using Wire client = await balancer.ConnectAsync();
        await client.SendAsync(bytes);
        Assert.Equal("", await ReadToEndOrResetAsync(client));
        Assert.Equal(0, balancer.Replicas[0].Totals().Requests);
    }

    [Fact]
    public async Task A_trusted_proxy_that_stops_half_way_is_disconnected_at_the_deadline_of_a_head()
    {
        await using TestBalancer balancer = Balancer(s => s with { Timeouts = new() { RequestHead = TimeSpan.FromMilliseconds(100) } });
        foreach (string begun in new[] { "", Line[..20], s_binary[..20] })
        {
            using Wire client = await balancer.ConnectAsync();
            await client.SendAsync(begun);
            Assert.Equal("", await ReadToEndOrResetAsync(client));
        }
    }

    [Theory]
    [InlineData(Line)]
    [InlineData("PROXY UNKNOWN\r\n")]
    [InlineData("\r\n\r\n\0\r\nQUIT\n\x20\0\0\0")]
    public async Task A_PROXY_header_from_any_other_peer_is_a_bad_request(string header)
    {
        await using TestBalancer balancer = Balancer(s => s with { ProxyProtocol = new() { From = ["10.0.0.0/8"] } });
        Message answer = await balancer.AskAsync(header + Get);
        Assert.Equal((400, "close"), (answer.Status, answer.Field("Connection")));
        Assert.Equal(0, balancer.Replicas[0].Totals().Requests);
        Assert.Contains("X-Forwarded-For: 127.0.0.1\r\n", (await balancer.AskAsync(Get)).Text);
    }

    [Fact]
    public async Task The_address_in_the_PROXY_header_decides_whether_the_client_is_trusted()
    {
        await using TestBalancer balancer = Balancer(s => s with { Forwarding = new() { TrustedProxies = ["192.0.2.0/24"] } });
        Assert.Contains("X-Forwarded-For: 6.6.6.6, 192.0.2.7\r\n", (await balancer.AskAsync(Line + Get)).Text);
        Assert.Contains("X-Forwarded-For: 203.0.113.1\r\n", (await balancer.AskAsync("PROXY TCP4 203.0.113.1 192.0.2.1 1 2\r\n" + Get)).Text);
    }

    [Fact]
    public async Task Connections_are_counted_for_the_address_in_the_PROXY_header()
    {
        await using TestBalancer balancer = Balancer(s => s with { Overload = new() { ConnectionsPerClient = 1 } });
        using (Wire one = await balancer.ConnectAsync())
        {
            await one.SendAsync(Line + Get);
            Assert.Equal(200, (await one.ReadMessageAsync()).Status);
            Assert.Equal(503, (await balancer.AskAsync(s_binary + Get)).Status);
            Assert.Equal(200, (await balancer.AskAsync("PROXY TCP4 192.0.2.8 192.0.2.1 1 2\r\n" + Get)).Status);

            // A connection without its PROXY header yet counts for no client.
            using Wire silent = await balancer.ConnectAsync();
            using Wire other = await balancer.ConnectAsync();
            await other.SendAsync("PROXY UNKNOWN\r\n" + Get);
            Assert.Equal(200, (await other.ReadMessageAsync()).Status);
        }

        await Quiet.UntilAsync(async () => (await balancer.AskAsync(Line + Get)).Status == 200, "its place is free again", TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task The_control_plane_learns_that_a_proxy_was_between()
    {
        var seen = new List<(string Peer, bool IsProxied)>();
        await using var balancer = new TestBalancer(
            s => s with { ProxyProtocol = new() { From = ["127.0.0.0/8"] } },
            request =>
            {
                seen.Add((request.Peer.ToString(), request.IsProxied));
                return Task.FromResult(new ControlResponse(200, "{}"u8.ToArray(), []));
            });
        const string Rep = "GET /rep HTTP/1.1\r\nHost: h\r\n\r\n";
        foreach (string header in new[] { Line, "PROXY TCP4 127.0.0.1 127.0.0.1 1 2\r\n", "PROXY UNKNOWN\r\n", s_local })
        {
            Assert.Equal(200, (await balancer.AskAsync(header + Rep)).Status);
        }

        Assert.Equal([("192.0.2.7", true), ("127.0.0.1", true), ("127.0.0.1", true), ("127.0.0.1", true)], seen);
    }

    [Fact]
    public async Task At_the_control_address_no_PROXY_header_is_expected()
    {
        await using TestBalancer balancer = Balancer(s => s with { Control = new() { Listen = "127.0.0.2:0" } });
        using Wire client = await Wire.ConnectAsync(balancer.Plane.ControlEndpoint!);
        await client.SendAsync("GET /heartbeat HTTP/1.1\r\nHost: h\r\n\r\n");
        Assert.Equal(200, (await client.ReadMessageAsync()).Status);
    }

    private static TestBalancer Balancer(Func<EdgeOptions, EdgeOptions>? change = null) => new(
        s =>
        {
            s = s with { Loops = 1, ProxyProtocol = new() { From = ["127.0.0.0/8"] } };
            return change?.Invoke(s) ?? s;
        },
        null, new Backend(Scripts.Echo));

    // What was sent and never read makes the kernel reset rather than end.
    private static async Task<string> ReadToEndOrResetAsync(Wire wire)
    {
        try
        {
            return await wire.ReadToEndAsync();
        }
        catch (System.Net.Sockets.SocketException e) when (e.SocketErrorCode == System.Net.Sockets.SocketError.ConnectionReset)
        {
            return "";
        }
    }
}
