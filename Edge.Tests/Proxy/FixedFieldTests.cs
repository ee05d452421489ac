using Edge.Config;
using Edge.Io;
using Edge.Routing;
using Edge.Tests.Backends;
using Edge.Tests.Tls;

namespace Edge.Tests.Proxy;

/// <summary>Fields that all answers of a service carry, and fields that none does: Edge:Answers:Set and Edge:Answers:Remove.</summary>
public sealed class FixedFieldTests
{
    private const string Answer = "HTTP/1.1 200 OK\r\nServer: nginx\r\nx-frame-options: SAMEORIGIN\r\nX-Kept: yes\r\nX-Powered-By: PHP\r\n"
        + "X-Frame-Options: ALLOWALL\r\nContent-Length: 2\r\n\r\nok";

    private static TestBalancer Balancer(string[] set, string[] remove, params Backend[] backends) =>
        new(s => s with { Answers = new() { Set = set, Remove = remove } }, null, backends);

    [Fact]
    public async Task A_field_that_is_set_takes_the_place_of_all_of_the_replicas_and_one_that_is_removed_is_gone()
    {
        await using TestBalancer balancer = Balancer(
            ["X-Frame-Options: DENY", "Link:</a>; rel=a", "Link: </b>"], ["server", "X-POWERED-BY", "X-Never"], new Backend(Scripts.Always(Answer)));
        using Wire client = await balancer.ConnectAsync();

        // Twice on one connection, since the heads share their memory.
        for (int i = 0; i < 2; i++)
        {
            await client.SendAsync("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
            Message answer = await client.ReadMessageAsync();
            Assert.Equal(("ok", "DENY", "yes", "2"), (answer.Text, answer.Field("X-Frame-Options"), answer.Field("X-Kept"), answer.Field("Content-Length")));
            Assert.Equal(["</a>; rel=a", "</b>"], answer.Fields("Link"));
            Assert.Null(answer.Field("Server"));
            Assert.Null(answer.Field("X-Powered-By"));
        }
    }

    [Fact]
    public async Task The_balancers_own_answers_carry_what_is_set_and_keep_the_fields_that_say_what_they_are()
    {
        await using TestBalancer balancer = Balancer(["X-Frame-Options: DENY", "Content-Type: text/plain", "retry-after: 99"], []);
        foreach (string request in new[] { "GET / HTTP/1.1\r\nHost: h\r\n\r\n", "HEAD / HTTP/1.1\r\nHost: h\r\n\r\n" })
        {
            Message own = await balancer.AskAsync(request, bodiless: request[0] == 'H');
            Assert.Equal((503, "DENY"), (own.Status, own.Field("X-Frame-Options")));
            Assert.Equal(("application/json", "1"), (own.Field("Content-Type"), own.Field("Retry-After")));
        }
    }

    [Fact]
    public async Task Requests_of_no_service_and_own_paths_are_answered_without_them()
    {
        await using TestBalancer balancer = Balancer(["X-Frame-Options: DENY"], [], new Backend(Scripts.Always(Answer)));
        using Wire client = await balancer.ConnectAsync();
        await client.SendAsync("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
        Assert.Equal("DENY", (await client.ReadMessageAsync()).Field("X-Frame-Options"));

        // On the same connection, so that nothing is left over.
        await client.SendAsync("GET /heartbeat HTTP/1.1\r\nHost: h\r\n\r\n");
        Assert.Null((await client.ReadMessageAsync()).Field("X-Frame-Options"));
        await client.SendAsync("GET / HTTP/1.1\r\nHost: a b\r\n\r\n");
        Message refused = await client.ReadMessageAsync();
        Assert.Equal((400, null), (refused.Status, refused.Field("X-Frame-Options")));
    }

    [Fact]
    public async Task Interim_answers_pass_as_they_are_and_the_final_one_behind_them_does_not()
    {
        await using TestBalancer balancer = Balancer(
            ["Link: </b>"], [], new Backend(Scripts.Always("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + Scripts.Ok)));
        using Wire client = await balancer.ConnectAsync();
        await client.SendAsync("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
        Assert.Contains("Link: </a>\r\n", await client.ReadHeadAsync(), StringComparison.Ordinal);
        Assert.Equal("</b>", (await client.ReadMessageAsync()).Field("Link"));
    }

    [Fact]
    public async Task A_head_of_the_largest_size_has_room_for_all_that_may_be_added()
    {
        string[] set = [.. Enumerable.Range(0, 4).Select(i => $"X-{i}: {new string('v', 1000)}")];
        string pad = new('p', Limits.HeadBytes - 100);
        await using TestBalancer balancer = Balancer(set, [], new Backend(Scripts.Always($"HTTP/1.1 200 OK\r\nX-Pad: {pad}\r\nContent-Length: 2\r\n\r\nok")));
        Message answer = await balancer.GetAsync();
        Assert.Equal((200, pad, "ok"), (answer.Status, answer.Field("X-Pad"), answer.Text));
        Assert.All(Enumerable.Range(0, 4), i => Assert.Equal(1000, answer.Field($"X-{i}")!.Length));
    }

    [Fact]
    public async Task Each_service_has_fields_of_its_own()
    {
        await using var shop = new Backend(Scripts.Always(Answer));
        await using TestBalancer balancer = Balancer(["X-Service: main"], [], new Backend(Scripts.Always(Answer)));
        var service = new Service(1, "shop");
        balancer.Plane.Change(routing => routing
            .WithNew(service, new ServiceOptions { Answers = new() { Set = ["X-Service: shop"], Remove = ["Server"] } })
            .With(service, new ReplicaTable([new Replica(100, "shop_1", shop.Address, 1, 2)]))
            .With(new RouteMap([new Route("shop.example", "", 1)])));
        using Wire client = await balancer.ConnectAsync();
        foreach ((string host, string name, string? server) in new[] { ("shop.example", "shop", null), ("h", "main", "nginx"), ("shop.example", "shop", null) })
        {
            await client.SendAsync($"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n");
            Message answer = await client.ReadMessageAsync();
            Assert.Equal((name, server), (answer.Field("X-Service"), answer.Field("Server")));
        }
    }

    [Fact]
    public async Task What_is_set_stands_alone_beside_the_option_for_https()
    {
        using TlsFrontend tls = TestFrontend.New();
        await using TestBalancer balancer = TestBalancer.WithTls(tls, s => s with
        {
            Tls = s.Tls with { Hsts = TimeSpan.FromDays(1) },
            Answers = new() { Set = ["strict-transport-security: max-age=7"] },
        }, new Backend(Scripts.Always(Answer)));
        Assert.Equal("max-age=7", (await balancer.GetAsync()).Field("Strict-Transport-Security"));
    }

    [Theory]
    [InlineData("X-A: b", "X-A", "b")]
    [InlineData("X-A:  b \t c  ", "X-A", "b \t c")]
    [InlineData("x:y", "x", "y")]
    [InlineData("X-A:", null, null)]
    [InlineData("X-A", null, null)]
    [InlineData(": b", null, null)]
    [InlineData("X A: b", null, null)]
    [InlineData("X-A: b\r\nX-B: c", null, null)]
    [InlineData("X-A: b\0", null, null)]
    [InlineData("X-A: ä", null, null)]
    [InlineData("content-length: 5", null, null)]
    [InlineData("Transfer-Encoding: chunked", null, null)]
    [InlineData("Connection: X-A", null, null)]
    [InlineData("TE: trailers", null, null)]
    [InlineData("Upgrade: websocket", null, null)]
    [InlineData("Trailer: X-A", null, null)]
    [InlineData("Keep-Alive: timeout=5", null, null)]
    [InlineData("Proxy-Connection: close", null, null)]
    [InlineData("CONTENT-ENCODING: gzip", null, null)]
    [InlineData("Via: 1.1 a", null, null)]
    [InlineData("Date: now", null, null)]
    public void A_text_is_a_field_or_it_is_refused(string text, string? name, string? value)
    {
        Assert.Equal(name is null ? null : (name, value!), AnswerOptions.ParseField(text));
        if (text.Split(':') is [{ Length: > 0 } only, _] && name is null && value is null && !text.StartsWith('X'))
        {
            Assert.False(AnswerOptions.IsFree(only));
        }
    }

    [Fact]
    public void The_fields_of_a_service_are_bounded()
    {
        Assert.Null(AnswerOptions.ParseField("X-A: " + new string('v', 1020)));
        Assert.NotNull(AnswerOptions.ParseField("X-A: " + new string('v', 1019)));
        var mistakes = new List<OptionMistake>();
        AnswerOptions.CheckTogether(new() { Set = [.. Enumerable.Repeat("X-A: " + new string('v', 1017), 4)] }, "Edge", mistakes);
        Assert.Empty(mistakes);
        AnswerOptions.CheckTogether(new() { Set = [.. Enumerable.Repeat("X-A: " + new string('v', 1018), 4)] }, "Edge:Services:shop", mistakes);
        Assert.Equal("Edge:Services:shop:Answers:Set", Assert.Single(mistakes).Key);
    }
}
