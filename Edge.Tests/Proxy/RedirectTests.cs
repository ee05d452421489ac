using Edge.Config;
using Edge.Contract;
using Edge.Routing;
using Edge.Tests.Backends;
using Edge.Tests.Tls;

namespace Edge.Tests.Proxy;

/// <summary>Other names of a service, which lead to its own host, and paths that have moved.</summary>
public sealed class RedirectTests
{
    private static readonly Service s_shop = new(1, "shop");

    private static Backend Answering(string body) => new(Scripts.Always($"HTTP/1.1 200 OK\r\nContent-Length: {body.Length}\r\n\r\n{body}"));

    // The names www.shop.example and *.old.example lead to shop.example, whose paths below /api are another service's.
    private static void AddShop(TestBalancer balancer, Backend backend, ServiceOptions? options = null) => balancer.Plane.Change(routing =>
        routing.WithNew(s_shop, options ?? routing.Entries[0]!.Options)
            .With(s_shop, new ReplicaTable([new Replica(100, "shop_1", backend.Address, 1, 1)]))
            .With(new RouteMap(
            [
                new Route("shop.example", "", 1), new Route("www.shop.example", "", 1, Canonical: "shop.example"),
                new Route("*.old.example", "", 1, Canonical: "shop.example"), new Route("part.example", "/shop", 1, Canonical: "shop.example"),
            ])));

    private static TestBalancer Balancer(Func<EdgeOptions, EdgeOptions>? change = null) =>
        new(s => (change?.Invoke(s) ?? s) with { Loops = 1, Listen = "127.0.0.1:0" }, null, Answering("main"));

    [Theory]
    [InlineData("GET", "/", "www.shop.example", "http://shop.example/")]
    [InlineData("POST", "/a/b?c=d&e=%2F", "WWW.shop.example.", "http://shop.example/a/b?c=d&e=%2F")]
    [InlineData("HEAD", "/", "www.shop.example:80", "http://shop.example/")]
    [InlineData("GET", "/", "www.shop.example:", "http://shop.example/")]
    [InlineData("GET", "/", "www.shop.example:8080", "http://shop.example:8080/")]
    [InlineData("GET", "/", "www.shop.example:443", "http://shop.example:443/")]
    [InlineData("DELETE", "//evil.example/x", "a.old.example", "http://shop.example//evil.example/x")]
    [InlineData("GET", "/\\evil.example", "www.shop.example", "http://shop.example/\\evil.example")]
    [InlineData("GET", "/../x", "www.shop.example", "http://shop.example/../x")]
    [InlineData("GET", "http://www.shop.example/x", "evil.example", "http://shop.example/x")]
    [InlineData("GET", "http://www.shop.example?q", "evil.example", "http://shop.example/?q")]
    [InlineData("OPTIONS", "*", "www.shop.example", "http://shop.example")]
    [InlineData("GET", "/shop/x", "part.example", "http://shop.example/shop/x")]
    public async Task Another_name_of_a_service_leads_to_its_own_host(string method, string target, string host, string location)
    {
        await using Backend shop = Answering("shop");
        await using TestBalancer balancer = Balancer();
        AddShop(balancer, shop);
        using Wire client = await balancer.ConnectAsync();
        string body = method == "POST" ? "Content-Length: 3\r\n\r\nabc" : "\r\n";
        for (int i = 0; i < 2; i++)
        {
            await client.SendAsync($"{method} {target} HTTP/1.1\r\nHost: {host}\r\n{body}");
            Message answer = await client.ReadMessageAsync(bodiless: method == "HEAD");
            Assert.Equal((308, location, "keep-alive"), (answer.Status, answer.Field("Location"), answer.Field("Connection")));
        }

        await client.SendAsync("GET / HTTP/1.1\r\nHost: shop.example\r\n\r\n");
        Assert.Equal("shop", (await client.ReadMessageAsync()).Text);
    }

    [Fact]
    public async Task What_no_route_of_the_name_is_for_is_not_redirected_and_ambiguous_paths_are_refused()
    {
        await using Backend shop = Answering("shop");
        await using TestBalancer balancer = Balancer();
        AddShop(balancer, shop);
        foreach ((string target, string host) in new[] { ("/shops", "part.example"), ("/", "old.example"), ("/", "a.b.old.example") })
        {
            Assert.Equal("main", (await balancer.AskAsync($"GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n")).Text);
        }

        Assert.Equal(400, (await balancer.AskAsync("GET /shop/../x HTTP/1.1\r\nHost: part.example\r\n\r\n")).Status);
        Assert.Equal(0, shop.Connections);
    }

    [Theory]
    [InlineData("X-Forwarded-Proto: https", "https://shop.example/")]
    [InlineData("X-Forwarded-Proto: HTTPS, http", "https://shop.example/")]
    [InlineData("X-Forwarded-Proto: http, https", "http://shop.example/")]
    [InlineData("X-Forwarded-Proto: wss://evil.example", "http://shop.example/")]
    [InlineData("X-Forwarded-Host: evil.example", "http://shop.example/")]
    public async Task A_trusted_proxy_says_by_which_scheme_the_client_came_and_nobody_else(string field, string location)
    {
        await using Backend shop = Answering("shop");
        await using TestBalancer open = Balancer();
        await using TestBalancer trusting = Balancer(s => s with { Forwarding = new ForwardingOptions { TrustedProxies = ["127.0.0.0/8"] } });
        foreach (TestBalancer balancer in new[] { trusting, open })
        {
            AddShop(balancer, shop);
            Message answer = await balancer.AskAsync($"GET / HTTP/1.1\r\nHost: www.shop.example\r\n{field}\r\n\r\n");
            Assert.Equal(balancer == open ? "http://shop.example/" : location, answer.Field("Location"));
        }
    }

    [Theory]
    [InlineData("www.shop.example", "https://shop.example/x")]
    [InlineData("www.shop.example:443", "https://shop.example/x")]
    [InlineData("www.shop.example:8443", "https://shop.example:8443/x")]
    public async Task A_client_of_https_is_sent_to_https(string host, string location)
    {
        await using Backend shop = Answering("shop");
        await using var balancer = TestBalancer.WithTls(TestFrontend.Shared, s => s with { Loops = 1 });
        AddShop(balancer, shop);
        Assert.Equal(location, (await balancer.AskAsync($"GET /x HTTP/1.1\r\nHost: {host}\r\n\r\n")).Field("Location"));
    }

    [Fact]
    public async Task Challenges_of_authorities_are_answered_or_go_on_to_the_service()
    {
        await using Backend shop = Answering("shop");
        await using TestBalancer balancer = Balancer();
        var moved = new AnswerOptions { Redirects = [new RedirectOptions { From = "/", To = "https://new.example" }] };
        AddShop(balancer, shop, new ServiceOptions { Answers = moved });
        balancer.Plane.Tokens.Put("token", "token.thumb");
        string Challenge(string token, string host) => $"GET /.well-known/acme-challenge/{token} HTTP/1.1\r\nHost: {host}\r\n\r\n";
        foreach (string host in new[] { "www.shop.example", "shop.example" })
        {
            Assert.Equal("token.thumb", (await balancer.AskAsync(Challenge("token", host))).Text);
            Assert.Equal("shop", (await balancer.AskAsync(Challenge("other", host))).Text);
            Assert.Equal(308, (await balancer.AskAsync($"GET /.well-known/x HTTP/1.1\r\nHost: {host}\r\n\r\n")).Status);
        }
    }

    [Fact]
    public async Task Paths_that_have_moved_are_redirected_and_all_others_go_on()
    {
        var answers = new AnswerOptions
        {
            Redirects =
            [
                new RedirectOptions { From = "/old", To = "/new" }, new RedirectOptions { From = "/top/", To = "/" },
                new RedirectOptions { From = "/far", To = "https://far.example" },
            ],
            Set = ["X-Frame-Options: DENY", "Location: /nowhere"],
        };
        await using TestBalancer balancer = Balancer(s => s with { Answers = answers });
        using Wire client = await balancer.ConnectAsync();
        foreach ((string target, string? location) in new[]
        {
            ("/old", "/new"), ("/old/x?q=1", "/new/x?q=1"), ("/oldest", null), ("/top//evil.example", "/evil.example"), ("//evil.example/old", null),
            ("/far/x", "https://far.example/x"), ("http://h/old/x", "/new/x"), ("http://h", null), ("/old/../x", null), ("/", null), ("//old", "/new"),
        })
        {
            await client.SendAsync($"GET {target} HTTP/1.1\r\nHost: h\r\n\r\n");
            Message answer = await client.ReadMessageAsync();
            Assert.Equal(
                (location is null ? 200 : 308, location ?? "/nowhere", "DENY"),
                (answer.Status, answer.Field("Location"), answer.Field("X-Frame-Options")));
        }

        // A client that is told where to go need not send the rest of its body here.
        Message partial = await balancer.AskAsync("POST /old HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
        Assert.Equal((308, "close"), (partial.Status, partial.Field("Connection")));
        Assert.Equal(400, (await balancer.AskAsync("POST /old HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n")).Status);

        // Other options take them back.
        balancer.Plane.Change(routing => routing.With(Service.Default, new ServiceOptions()));
        Assert.Equal(200, (await balancer.AskAsync("GET /old HTTP/1.1\r\nHost: h\r\n\r\n")).Status);
    }

    [Fact]
    public async Task A_path_that_has_moved_is_that_of_the_client_whatever_the_route_takes_off()
    {
        await using var shop = new Backend(Scripts.Echo);
        await using TestBalancer balancer = Balancer();
        var moved = new AnswerOptions
        {
            Redirects = [new RedirectOptions { From = "/api/v1", To = "/api/v2" }, new RedirectOptions { From = "/v1", To = "/x" }],
        };
        AddShop(balancer, shop, new ServiceOptions { Answers = moved });
        balancer.Plane.Change(routing => routing.With(new RouteMap([new Route("shop.example", "/api", 1, Strips: true)])));
        foreach (string target in new[] { "/api/v1/x?q", "http://shop.example/api/v1/x?q" })
        {
            Message answer = await balancer.AskAsync($"GET {target} HTTP/1.1\r\nHost: shop.example\r\n\r\n");
            Assert.Equal((308, "/api/v2/x?q"), (answer.Status, answer.Field("Location")));
        }

        Assert.Equal(0, shop.Connections);
    }

    [Fact]
    public async Task A_service_that_is_stopped_or_asks_for_a_user_redirects_no_path_and_its_names_all_the_same()
    {
        await using Backend shop = Answering("shop");
        await using TestBalancer balancer = Balancer();
        var moved = new AnswerOptions { Redirects = [new RedirectOptions { From = "/old", To = "/new" }] };
        AddShop(balancer, shop, new ServiceOptions { Answers = moved, Access = new AccessOptions { Allow = ["192.0.2.0/24"] } });
        Task<Message> Ask(string host) => balancer.AskAsync($"GET /old HTTP/1.1\r\nHost: {host}\r\n\r\n");
        Assert.Equal(403, (await Ask("shop.example")).Status);
        Assert.Equal("http://shop.example/old", (await Ask("www.shop.example")).Field("Location"));
        balancer.Plane.Change(routing => routing.With(s_shop, new ServiceOptions { Answers = moved }).With(s_shop, ServiceMode.Stopped));
        Assert.Equal(503, (await Ask("shop.example")).Status);
        Assert.Equal("http://shop.example/old", (await Ask("www.shop.example")).Field("Location"));
        balancer.Plane.Change(routing => routing.With(s_shop, ServiceMode.Paused));
        Assert.Equal("/new", (await Ask("shop.example")).Field("Location"));
    }

    [Fact]
    public async Task Own_paths_of_the_balancer_are_none_on_another_name_of_a_service()
    {
        await using Backend shop = Answering("shop");
        await using TestBalancer balancer = Balancer();
        AddShop(balancer, shop);
        Assert.Equal(308, (await balancer.AskAsync("GET /edge/status HTTP/1.1\r\nHost: www.shop.example\r\n\r\n")).Status);
        Assert.Equal(200, (await balancer.AskAsync("GET /edge/status HTTP/1.1\r\nHost: main.example\r\n\r\n")).Status);
    }
}
