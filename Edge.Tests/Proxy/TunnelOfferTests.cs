using Edge.Tests.Backends;

namespace Edge.Tests.Proxy;

/// <summary>Which offers of another protocol are passed on, and what may be taken up.</summary>
public sealed class TunnelOfferTests
{
    private const string Ws = "Connection: Upgrade\r\nUpgrade: websocket\r\n";

    [Theory]
    [InlineData(Ws, "websocket")]
    [InlineData("upgrade: WebSocket\r\nconnection: keep-alive , UPGRADE\r\nKeep-Alive: 5\r\nTE: trailers\r\n", "WebSocket")]
    [InlineData("Connection: Upgrade, X-Mine\r\nX-Mine: 1\r\nUpgrade: a/1, ,b\r\nUpgrade: c/2.0\r\n", "a/1,b,c/2.0")]
    [InlineData(Ws + "Content-Length: 0\r\n", "websocket")]
    [InlineData("Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c, websocket\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n", "websocket")]
    [InlineData("Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n", null)]
    [InlineData("Connection: Upgrade\r\nUpgrade: H2C/1, HTTP/2.0, h2\r\n", null)]
    [InlineData("Upgrade: websocket\r\n", null)]
    [InlineData("Connection: Upgrade\r\n", null)]
    [InlineData("Connection: Upgrade\r\nUpgrade: \r\n", null)]
    [InlineData("Connection: Upgrade\r\nUpgrade: web socket\r\n", null)]
    [InlineData("Connection: Upgrade\r\nUpgrade: websocket, a/b/c\r\n", null)]
    [InlineData("Connection: Upgrade\r\nUpgrade: a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q\r\n", null)]
    public async Task An_offer_is_passed_on_where_it_is_one_and_the_rest_of_the_hop_is_not(string fields, string? offered)
    {
        await using var balancer = new TestBalancer(new Backend(Scripts.Echo));
        using Wire client = await balancer.ConnectAsync();
        for (int i = 0; i < 2; i++)
        {
            // Declined by an ordinary answer: the connection goes on as any other.
            await client.SendAsync($"GET /{i} HTTP/1.1\r\nHost: h\r\n{fields}\r\n");
            Message answer = await client.ReadMessageAsync();
            string forwarded = "X-Forwarded-For: 127.0.0.1\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Host: h\r\n";
            string length = fields.Contains("Content-Length", StringComparison.Ordinal) ? "Content-Length: 0\r\n" : "";
            string offer = offered is null ? "" : $"Connection: Upgrade\r\nUpgrade: {offered}\r\n";
            Assert.Equal($"GET /{i} HTTP/1.1\r\nHost: h\r\n{length}{forwarded}{offer}\r\n", answer.Text);
        }
    }

    [Theory]
    [InlineData("Content-Length: 3\r\n\r\nabc")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n")]
    public async Task With_a_body_the_request_goes_on_as_an_ordinary_one(string rest)
    {
        await using var balancer = new TestBalancer(new Backend(Scripts.Echo));
        Message answer = await balancer.AskAsync($"POST / HTTP/1.1\r\nHost: h\r\n{Ws}{rest}");
        Assert.Equal(200, answer.Status);
        Assert.DoesNotContain("pgrade", answer.Text, StringComparison.Ordinal);
        Assert.Contains("\r\n\r\nabc", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_of_HTTP_1_0_offers_nothing_and_gets_no_switch()
    {
        string? seen = null;
        await using var balancer = new TestBalancer(new Backend(async wire =>
        {
            seen = await wire.ReadHeadAsync();
            await wire.SendAsync(Switching.Answer);
            await wire.ReadToEndAsync();
        }));
        Message answer = await balancer.AskAsync("POST / HTTP/1.0\r\nHost: h\r\nContent-Length: 0\r\nConnection: Upgrade\r\nUpgrade: test/1\r\n\r\n");
        Assert.Equal(502, answer.Status);
        Assert.DoesNotContain("pgrade", seen, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nno")]
    [InlineData("HTTP/1.1 400 No\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nno\r\n0\r\n\r\n")]
    [InlineData("HTTP/1.1 403 No\r\nUpgrade: test/1\r\nConnection: Upgrade\r\nContent-Length: 2\r\n\r\nno")]
    public async Task A_declined_offer_is_an_ordinary_exchange_on_connections_that_go_on(string declined)
    {
        var backend = new Backend(Scripts.Always(declined));
        await using var balancer = new TestBalancer(s => s with { Loops = 1 }, null, backend);
        using Wire client = await balancer.ConnectAsync();
        // The second is there already when the first is answered, as early bytes of a tunnel would be.
        await client.SendAsync(Switching.Offer + Switching.Offer);
        for (int i = 0; i < 2; i++)
        {
            Message answer = await client.ReadMessageAsync();
            Assert.Equal("no", answer.Text);
            Assert.Equal((null, null), (answer.Field("Upgrade"), answer.Field("Connection")));
        }

        Assert.Equal(1, backend.Connections);
    }

    [Fact]
    public async Task A_client_that_has_to_change_protocols_is_told_which()
    {
        await using var balancer = new TestBalancer(new Backend(Scripts.Always(
            "HTTP/1.1 426 Upgrade Required\r\nConnection: Upgrade\r\nUpgrade: test/2, h2c\r\nContent-Length: 0\r\n\r\n")));
        Message answer = await balancer.GetAsync();
        Assert.Equal((426, "test/2", "Upgrade"), (answer.Status, answer.Field("Upgrade"), answer.Field("Connection")));
    }

    [Theory]
    [InlineData("", "Connection: Upgrade\r\nUpgrade: test/1\r\n")]
    [InlineData("Connection: Upgrade\r\nUpgrade: h2c\r\n", "Connection: Upgrade\r\nUpgrade: h2c\r\n")]
    [InlineData(Ws, "Connection: Upgrade\r\nUpgrade: test/1\r\n")]
    [InlineData(Ws, "Connection: Upgrade\r\nUpgrade: websocket, test/1\r\n")]
    [InlineData(Ws, "Connection: Upgrade\r\nUpgrade: websocket/13\r\n")]
    [InlineData(Ws, "Connection: Upgrade\r\nUpgrade: web\r\n")]
    [InlineData(Ws, "Connection: Upgrade\r\n")]
    [InlineData(Ws, "Upgrade: websocket\r\n")]
    public async Task A_switch_to_what_was_not_offered_is_a_bad_answer(string offer, string taken)
    {
        await using var balancer = new TestBalancer(new Backend(Scripts.Always($"HTTP/1.1 101 Switching Protocols\r\n{taken}\r\n")));
        using Wire client = await balancer.ConnectAsync();
        for (int i = 0; i < 2; i++)
        {
            await client.SendAsync($"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n{offer}\r\n");
            Message answer = await client.ReadMessageAsync();
            Assert.Equal(502, answer.Status);
            Assert.Contains("malformed response", answer.Text, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("WEBSOCKET")]
    [InlineData("websocket")]
    public async Task Names_of_protocols_are_compared_without_case_and_the_head_of_the_switch_is_rewritten(string taken)
    {
        await using var balancer = new TestBalancer(s => s with { Forwarding = new() { Via = "edge" } }, null, new Backend(Scripts.Always(
            $"HTTP/1.1 101 Switching Protocols\r\nServer: s\r\nConnection: upgrade, X-Mine\r\nX-Mine: 1\r\nKeep-Alive: 5\r\nUpgrade: {taken}\r\n\r\n")));
        using Wire client = await balancer.ConnectAsync();
        await client.SendAsync($"GET / HTTP/1.1\r\nHost: h\r\n{Ws}\r\n");
        Assert.Equal(
            $"HTTP/1.1 101 Switching Protocols\r\nServer: s\r\nX-Edge-Replica: server_1\r\nVia: 1.1 edge\r\nConnection: Upgrade\r\nUpgrade: {taken}\r\n\r\n",
            await client.ReadHeadAsync());
    }

    [Fact]
    public async Task An_offer_that_a_replica_did_not_answer_goes_to_another()
    {
        await using var balancer = new TestBalancer(new Backend(Scripts.ResetAfterHead), new Backend(Switching.Then(Switching.Echo)));
        for (int i = 0; i < 4; i++)
        {
            using Wire client = await balancer.OpenTunnelAsync();
            await client.PlayAsync("there");
        }
    }

    [Fact]
    public async Task The_balancers_own_paths_change_no_protocol()
    {
        await using var balancer = new TestBalancer();
        Message answer = await balancer.AskAsync($"GET /heartbeat HTTP/1.1\r\nHost: h\r\n{Ws}\r\n");
        Assert.Equal((200, null), (answer.Status, answer.Field("Upgrade")));
    }
}
