using Edge.Config;
using Edge.Contract;
using Edge.Tests.Backends;

namespace Edge.Tests.Proxy;

/// <summary>Requests without TLS are sent to https: Edge:Tls:Redirect.</summary>
public sealed class HttpsRedirectTests
{
    [Theory]
    [InlineData("GET", "/", "example.org", "https://example.org/")]
    [InlineData("GET", "/a/b?c=d&e=%2F", "example.org:80", "https://example.org/a/b?c=d&e=%2F")]
    [InlineData("HEAD", "/", "EXAMPLE.org:", "https://EXAMPLE.org/")]
    [InlineData("DELETE", "//evil.example/x", "example.org", "https://example.org//evil.example/x")]
    [InlineData("GET", "http://other.example/x", "example.org", "https://other.example/x")]
    [InlineData("GET", "http://other.example?q", "example.org", "https://other.example/?q")]
    [InlineData("GET", "http://other.example:8080", "example.org", "https://other.example")]
    [InlineData("OPTIONS", "*", "example.org", "https://example.org")]
    [InlineData("GET", "/", "[::1]:80", "https://[::1]/")]
    [InlineData("GET", "/", "[::1]", "https://[::1]/")]
    [InlineData("GET", "/.well-known/acme-challenges", "example.org", "https://example.org/.well-known/acme-challenges")]
    [InlineData("PATCH", "/heartbeats", "example.org", "https://example.org/heartbeats")]
    public async Task A_request_is_sent_to_the_same_host_and_path_with_https(string method, string target, string host, string location)
    {
        await using TestBalancer balancer = Balancer("443");
        using Wire client = await balancer.ConnectAsync();

        // Twice on one connection: it stays.
        for (int i = 0; i < 2; i++)
        {
            await client.SendAsync($"{method} {target} HTTP/1.1\r\nHost: {host}\r\n\r\n");
            Message answer = await client.ReadMessageAsync(bodiless: method == "HEAD");
            Assert.Equal((308, location), (answer.Status, answer.Field("Location")));
            Assert.Equal(("0", "keep-alive"), (answer.Field("Content-Length"), answer.Field("Connection")));
            Assert.StartsWith("HTTP/1.1 308 Permanent Redirect\r\n", answer.Head, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_port_of_the_first_listener_of_https_is_named_where_it_is_not_443()
    {
        await using TestBalancer balancer = Balancer("on", "127.0.0.1:0,https://127.0.0.1:0,https://127.0.0.1:0");
        Message answer = await balancer.AskAsync("GET /x HTTP/1.1\r\nHost: example.org:8080\r\n\r\n");
        Assert.Equal($"https://example.org:{balancer.Plane.Addresses[1].Endpoint.Port}/x", answer.Field("Location"));
    }

    [Fact]
    public async Task Another_port_than_that_of_the_listener_can_be_named()
    {
        await using TestBalancer balancer = Balancer("8443", "127.0.0.1:0,https://127.0.0.1:0");
        Assert.Equal("https://example.org:8443/x", (await balancer.GetAsync("/x")).Field("Location"));
    }

    [Theory]
    [InlineData("/heartbeat", 200)]
    [InlineData("/rep", 299)]
    [InlineData("/edge/status", 299)]
    [InlineData("/.well-known/acme-challenge/token", 200)]
    public async Task The_own_paths_and_the_challenges_of_authorities_are_served_without_TLS(string path, int status)
    {
        await using TestBalancer balancer = Balancer("on", "127.0.0.1:0,https://127.0.0.1:0");
        Assert.Equal(status, (await balancer.GetAsync(path)).Status);
    }

    [Fact]
    public async Task The_listener_of_the_own_paths_sends_nobody_away()
    {
        await using TestBalancer balancer = Balancer("on", "127.0.0.1:0,https://127.0.0.1:0", s => s with { Control = new() { Listen = "127.0.0.2:0" } });
        Assert.Equal(308, (await balancer.GetAsync("/rep")).Status);
        using Wire client = await Wire.ConnectAsync(balancer.Plane.ControlEndpoint!);
        await client.SendAsync("GET /anything HTTP/1.1\r\nHost: h\r\n\r\n");
        Assert.Equal(299, (await client.ReadMessageAsync()).Status);
    }

    [Theory]
    [InlineData("X-Forwarded-Proto: https", true, 200)]
    [InlineData("X-Forwarded-Proto: HTTPS , http", true, 200)]
    [InlineData("X-Forwarded-Proto: http, https", true, 308)]
    [InlineData("X-Forwarded-Proto: http", true, 308)]
    [InlineData("X-Forwarded-Proto:", true, 308)]
    [InlineData("X-Other: https", true, 308)]
    [InlineData("X-Forwarded-Proto: https", false, 308)]
    public async Task A_request_that_came_to_a_trusted_proxy_over_TLS_goes_on(string field, bool isTrusted, int status)
    {
        await using TestBalancer balancer = Balancer("443", change: s => s with { Forwarding = new() { TrustedProxies = isTrusted ? ["127.0.0.0/8"] : [] } });
        Assert.Equal(status, (await balancer.AskAsync($"GET / HTTP/1.1\r\nHost: example.org\r\n{field}\r\n\r\n")).Status);
    }

    [Fact]
    public async Task A_trusted_proxy_may_say_so_in_the_target_too()
    {
        await using TestBalancer balancer = Balancer("443", change: s => s with { Forwarding = new() { TrustedProxies = ["127.0.0.0/8"] } });
        Assert.Equal(200, (await balancer.AskAsync("GET HTTPS://example.org/x HTTP/1.1\r\nHost: example.org\r\n\r\n")).Status);
        Assert.Equal(308, (await balancer.AskAsync("GET http://example.org/x HTTP/1.1\r\nHost: example.org\r\n\r\n")).Status);
    }

    [Theory]
    [InlineData("Content-Length: 4\r\n\r\nbody", "keep-alive")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n", "keep-alive")]
    [InlineData("Content-Length: 100000\r\nExpect: 100-continue\r\n\r\n", "close")]
    [InlineData("Content-Length: 100000\r\n\r\nbody", "close")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n4\r\nbo", "close")]
    public async Task A_body_is_not_waited_for_and_what_follows_it_is_no_request(string rest, string connection)
    {
        await using TestBalancer balancer = Balancer("443");
        using Wire client = await balancer.ConnectAsync();
        await client.SendAsync($"POST /x HTTP/1.1\r\nHost: example.org\r\n{rest}");
        Message answer = await client.ReadMessageAsync();
        Assert.Equal((308, connection), (answer.Status, answer.Field("Connection")));
        if (connection == "keep-alive")
        {
            await client.SendAsync("GET /y HTTP/1.1\r\nHost: example.org\r\n\r\n");
            Assert.Equal("https://example.org/y", (await client.ReadMessageAsync()).Field("Location"));
        }
        else
        {
            client.Socket.Shutdown(System.Net.Sockets.SocketShutdown.Send);
            Assert.Equal("", await client.ReadToEndAsync());
        }
    }

    [Fact]
    public async Task Pipelined_requests_are_answered_one_after_the_other()
    {
        await using TestBalancer balancer = Balancer("443");
        using Wire client = await balancer.ConnectAsync();
        await client.SendAsync(string.Concat(Enumerable.Range(0, 20).Select(i => $"POST /{i} HTTP/1.1\r\nHost: example.org\r\nContent-Length: 2\r\n\r\nok")));
        for (int i = 0; i < 20; i++)
        {
            Assert.Equal($"https://example.org/{i}", (await client.ReadMessageAsync()).Field("Location"));
        }
    }

    [Theory]
    [InlineData("GET / HTTP/1.0\r\n\r\n", 400)]
    [InlineData("GET / HTTP/1.0\r\nHost: example.org\r\n\r\n", 308)]
    [InlineData("POST / HTTP/1.1\r\nHost: example.org\r\nTransfer-Encoding: chunked\r\n\r\nno chunk\r\n", 400)]
    public async Task What_has_no_host_or_no_form_is_refused_or_answered_and_the_connection_ends(string request, int status)
    {
        await using TestBalancer balancer = Balancer("443");
        using Wire client = await balancer.ConnectAsync();
        await client.SendAsync(request);
        Message answer = await client.ReadMessageAsync();
        Assert.Equal((status, "close"), (answer.Status, answer.Field("Connection")));
    }

    [Fact]
    public async Task A_target_as_long_as_may_be_fits()
    {
        await using TestBalancer balancer = Balancer("8443");
        string target = "/" + new string('x', Limits.TargetBytes - 1), host = string.Join('.', Enumerable.Repeat(new string('h', 60), 4));
        Message answer = await balancer.AskAsync($"GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n");
        Assert.Equal($"https://{host}:8443{target}", answer.Field("Location"));
    }

    [Fact]
    public async Task It_is_an_answer_of_the_balancer_and_no_failure_and_changes_with_the_options()
    {
        await using TestBalancer balancer = Balancer("off");
        EdgeOptions off = new() { Loops = 2 }, on = off with { Tls = new() { Redirect = "443" } };
        Assert.Equal(200, (await balancer.GetAsync()).Status);
        balancer.Plane.Reconfigure(on);
        await Quiet.UntilAsync(async () => (await balancer.GetAsync()).Status == 308, "it sends to https", TimeSpan.FromSeconds(20));
        balancer.Plane.Reconfigure(off);
        await Quiet.UntilAsync(async () => (await balancer.GetAsync()).Status == 200, "it forwards again", TimeSpan.FromSeconds(20));
    }

    private static TestBalancer Balancer(string redirect, string listen = "127.0.0.1:0", Func<EdgeOptions, EdgeOptions>? change = null) => new(
        s => (change ?? (same => same))(s with { Listen = listen, Tls = new() { Redirect = redirect } }),
        _ => Task.FromResult(new ControlResponse(299, "{}"u8.ToArray(), [])), new Backend(Scripts.Echo));
}
