using System.Text;
using System.Text.RegularExpressions;
using Edge.Config;
using Edge.Http;
using Edge.Proxy;
using Edge.Routing;
using Edge.Tests.Backends;
using Edge.Tests.Tls;

namespace Edge.Tests.Proxy;

/// <summary>Clients that stay with a replica, by a cookie: Edge:Sticky.</summary>
public sealed partial class StickyTests
{
    // Says which it is, and gives back what it was sent.
    private static Backend Named(string name, string fields = "") => new(async wire =>
    {
        while (true)
        {
            Message request = await wire.ReadMessageAsync();
            string body = request.StartLine.StartsWith("HEAD", StringComparison.Ordinal) ? "" : request.Head;
            await wire.SendAsync($"HTTP/1.1 200 OK\r\nX-Name: {name}\r\n{fields}Content-Length: {request.Head.Length}\r\n\r\n{body}");
        }
    });

    // Each request without a cookie goes to the next replica.
    private static EdgeOptions Sticky(EdgeOptions options) =>
        options with { Loops = 1, Sticky = true, Fleet = options.Fleet with { Pick = FleetPick.RoundRobin } };

    private static TestBalancer Balancer(Func<EdgeOptions, EdgeOptions>? change, params Backend[] backends) =>
        new(s => Sticky(change?.Invoke(s) ?? s), null, backends);

    private static async Task<Message> AskAsync(TestBalancer balancer, string fields = "", string method = "GET", string host = "h", string path = "/") =>
        await balancer.AskAsync($"{method} {path} HTTP/1.1\r\nHost: {host}\r\n{fields}\r\n", bodiless: method == "HEAD");

    private static string CookieOf(Message answer) => Assert.Single(SetCookie().Matches(answer.Head)).Groups[1].Value;

    private static bool HasCookie(Message answer) => answer.Head.Contains("edge_sticky", StringComparison.Ordinal);

    [GeneratedRegex(@"\r\nSet-Cookie: (edge_sticky=[0-9a-f]{16}); Path=/; HttpOnly; SameSite=Lax(?:; Secure)?\r\n")]
    private static partial Regex SetCookie();

    [Fact]
    public async Task A_client_stays_with_the_replica_that_has_answered_it_and_gets_its_cookie_once()
    {
        await using TestBalancer balancer = Balancer(null, Named("a"), Named("b"), Named("c"));
        foreach (string method in new[] { "GET", "HEAD", "POST" })
        {
            Message first = await AskAsync(balancer, method == "POST" ? "Content-Length: 0\r\n" : "", method);
            string name = first.Field("X-Name")!, cookie = CookieOf(first);
            for (int i = 0; i < 5; i++)
            {
                string length = method == "POST" ? "Content-Length: 0\r\n" : "";
                Message next = await AskAsync(balancer, $"Cookie: a=b; {cookie}; c=d\r\n{length}", method);
                Assert.Equal((200, name), (next.Status, next.Field("X-Name")));
                Assert.Equal($"server_{name[0] - 'a' + 1}", next.Field("X-Edge-Replica"));
                Assert.Null(next.Field("Set-Cookie"));

                // The replica gets the field as the client has sent it.
                Assert.Equal(method != "HEAD", next.Text.Contains($"Cookie: a=b; {cookie}; c=d\r\n", StringComparison.Ordinal));
            }
        }
    }

    [Fact]
    public async Task A_cookie_means_the_same_to_another_process_and_nothing_to_another_service()
    {
        var shop = new Service(1, "shop");
        await using Backend a = Named("shop a"), b = Named("shop b");
        await using TestBalancer one = Balancer(null, Named("a"), Named("b")), two = Balancer(null, Named("a"), Named("b"));
        string first = CookieOf(await AskAsync(one)), second = CookieOf(await AskAsync(one));
        Assert.NotEqual(first, second);
        foreach ((string cookie, string name) in new[] { (second, "b"), (second, "b"), (first, "a"), (first, "a") })
        {
            Message answer = await AskAsync(two, $"Cookie: {cookie}\r\n");
            Assert.Equal((name, null), (answer.Field("X-Name"), answer.Field("Set-Cookie")));
        }

        two.Plane.Change(routing => routing.WithNew(shop, routing.Entries[0]!.Options).With(new RouteMap([new Route("shop.example", "", 1)]))
            .With(shop, new ReplicaTable([new Replica(100, "server_1", a.Address, 1, 1), new Replica(101, "server_2", b.Address, 1, 1)])));
        for (int i = 0; i < 4; i++)
        {
            string cookie = CookieOf(await AskAsync(two, $"Cookie: {first}; {second}\r\n", host: "shop.example"));
            Assert.DoesNotContain(cookie, new[] { first, second });
        }
    }

    [Fact]
    public async Task The_cookie_has_the_path_of_the_route_and_is_secure_for_clients_of_https()
    {
        var shop = new Service(1, "shop");
        await using Backend a = Named("a");
        await using TestBalancer open = Balancer(s => s with { Listen = "127.0.0.1:0" }, Named("a"));
        await using TestBalancer trusting = Balancer(s => s with { Forwarding = new ForwardingOptions { TrustedProxies = ["127.0.0.0/8"] } }, Named("a"));
        await using var tls = TestBalancer.WithTls(TestFrontend.Shared, Sticky, Named("a"));
        bool IsSecure(Message answer) => answer.Field("Set-Cookie")!.EndsWith("; Secure", StringComparison.Ordinal);
        Assert.True(IsSecure(await AskAsync(tls)));
        Assert.False(IsSecure(await AskAsync(open, "X-Forwarded-Proto: https\r\n")));
        Assert.True(IsSecure(await AskAsync(trusting, "X-Forwarded-Proto: https\r\n")));
        Assert.False(IsSecure(await AskAsync(trusting, "X-Forwarded-Proto: http\r\n")));
        open.Plane.Change(routing => routing.WithNew(shop, routing.Entries[0]!.Options)
            .With(new RouteMap([new Route("h", "/api", 1, Strips: true), new Route("h", "", 1)]))
            .With(shop, new ReplicaTable([new Replica(100, "shop_1", a.Address, 1, 1)])));
        Assert.Contains("; Path=/api; HttpOnly", (await AskAsync(open, path: "/api/x")).Field("Set-Cookie"), StringComparison.Ordinal);
        Assert.Contains("; Path=/; HttpOnly", (await AskAsync(open, path: "/x")).Field("Set-Cookie"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_replica_that_is_out_of_rotation_is_not_asked_whatever_the_cookie_says()
    {
        await using TestBalancer balancer = Balancer(null, Named("a"), Named("b"));
        Message first = await AskAsync(balancer);
        string name = first.Field("X-Name")!, cookie = $"Cookie: {CookieOf(first)}\r\n";
        Replica gone = balancer.Replicas[name == "a" ? 0 : 1], stays = balancer.Replicas[name == "a" ? 1 : 0];
        balancer.Plane.Publish(Service.Default, new ReplicaTable([stays]));
        Message other = await AskAsync(balancer, cookie);
        Assert.NotEqual(name, other.Field("X-Name"));
        Assert.NotEqual(CookieOf(first), CookieOf(other));

        // Drained and cut: nothing is in flight there.
        await balancer.Plane.ReleaseAsync(gone, TimeSpan.FromSeconds(5));
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(other.Field("X-Name"), (await AskAsync(balancer, cookie)).Field("X-Name"));
        }

        // One of the same name takes its place.
        var again = new Replica(gone.Slot, gone.Name, gone.Address, 1, 1);
        balancer.Plane.Publish(Service.Default, new ReplicaTable([again, stays]));
        for (int i = 0; i < 3; i++)
        {
            Message back = await AskAsync(balancer, cookie);
            Assert.Equal((name, null), (back.Field("X-Name"), back.Field("Set-Cookie")));
        }
    }

    [Fact]
    public async Task A_replica_that_has_no_room_is_not_waited_for()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Backend Slow(string name) => new(async wire =>
        {
            while (true)
            {
                if ((await wire.ReadMessageAsync()).StartLine.Contains("slow", StringComparison.Ordinal))
                {
                    await gate.Task;
                }

                await wire.SendAsync($"HTTP/1.1 200 OK\r\nX-Name: {name}\r\nContent-Length: 0\r\n\r\n");
            }
        });
        await using TestBalancer balancer = Balancer(s => s with { Overload = new OverloadOptions { PerReplica = 1 } }, Slow("a"), Slow("b"));
        Message first = await AskAsync(balancer);
        string name = first.Field("X-Name")!, cookie = $"Cookie: {CookieOf(first)}\r\n";
        Replica replica = balancer.Replicas[name == "a" ? 0 : 1];
        using Wire slow = await balancer.ConnectAsync();
        await slow.SendAsync($"GET /slow HTTP/1.1\r\nHost: h\r\n{cookie}\r\n");
        await Quiet.UntilAsync(() => replica.Totals().InFlight == 1, "it is in flight on the replica of the cookie");
        for (int i = 0; i < 3; i++)
        {
            Message other = await AskAsync(balancer, cookie);
            Assert.NotEqual(name, other.Field("X-Name"));
            Assert.NotEqual(CookieOf(first), CookieOf(other));
        }

        gate.SetResult();
        Assert.Equal(name, (await slow.ReadMessageAsync()).Field("X-Name"));
        await Quiet.UntilAsync(() => replica.Totals().InFlight == 0, "there is room again");
        Assert.Equal(name, (await AskAsync(balancer, cookie)).Field("X-Name"));
    }

    [Fact]
    public async Task Where_another_replica_answers_the_cookie_is_that_ones()
    {
        int calls = 0;
        var fails = new Backend(async wire =>
        {
            await wire.ReadHeadAsync();
            if (Interlocked.Increment(ref calls) == 1)
            {
                await wire.SendAsync("HTTP/1.1 200 OK\r\nX-Name: a\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
            }
        });
        await using TestBalancer balancer = Balancer(null, fails, Named("b"));
        Message first = await AskAsync(balancer);
        first = first.Field("X-Name") == "a" ? first : await AskAsync(balancer);
        Assert.Equal("a", first.Field("X-Name"));
        Message second = await AskAsync(balancer, $"Cookie: {CookieOf(first)}\r\n");
        Assert.Equal((200, "b"), (second.Status, second.Field("X-Name")));
        Assert.NotEqual(CookieOf(first), CookieOf(second));
        Assert.Equal(2, calls);
        Message third = await AskAsync(balancer, $"Cookie: {CookieOf(second)}\r\n");
        Assert.Equal(("b", null), (third.Field("X-Name"), third.Field("Set-Cookie")));
    }

    [Fact]
    public async Task A_client_that_changes_to_another_protocol_gets_the_cookie_with_the_101()
    {
        Backend Chat() => new(Switching.Then(Switching.Echo));
        await using TestBalancer balancer = Balancer(null, Chat(), Chat(), Chat());
        string? replica = null;
        string cookie = "";
        for (int i = 0; i < 4; i++)
        {
            using Wire client = await balancer.ConnectAsync();
            await client.SendAsync(Switching.Offer.Replace("Host: h\r\n", $"Host: h\r\n{cookie}", StringComparison.Ordinal));
            var answer = new Message(await client.ReadHeadAsync(), []);
            Assert.Equal(101, answer.Status);
            Assert.Equal(replica ?? answer.Field("X-Edge-Replica"), answer.Field("X-Edge-Replica"));
            Assert.Equal(replica is null, HasCookie(answer));
            cookie = replica is null ? $"Cookie: {CookieOf(answer)}\r\n" : cookie;
            replica ??= answer.Field("X-Edge-Replica");
            await client.SendAsync("ping");
            Assert.Equal("ping", Encoding.ASCII.GetString(await client.ReadExactlyAsync(4)));
        }
    }

    [Fact]
    public async Task Cookies_of_replicas_stay_and_answers_of_the_balancers_own_have_none()
    {
        await using TestBalancer balancer = Balancer(
            s => s with { Forwarding = new ForwardingOptions { NameReplica = false } }, Named("a", "Set-Cookie: session=1\r\nSet-Cookie: theme=dark\r\n"));
        Message answer = await AskAsync(balancer);
        Assert.Contains("\r\nSet-Cookie: session=1\r\nSet-Cookie: theme=dark\r\n", answer.Head, StringComparison.Ordinal);
        string cookie = CookieOf(answer);
        Assert.Null(answer.Field("X-Edge-Replica"));
        Message next = await AskAsync(balancer, $"Cookie: {cookie}\r\n");
        Assert.False(HasCookie(next));
        Assert.Null(next.Field("X-Edge-Replica"));
        balancer.Plane.Publish(Service.Default, ReplicaTable.Empty);
        Assert.False(HasCookie(await AskAsync(balancer)));
    }

    [Fact]
    public async Task Only_a_service_that_wants_it_sets_or_reads_a_cookie_and_other_options_take_effect()
    {
        await using TestBalancer balancer = Balancer(null, Named("a"), Named("b"));
        string cookie = $"Cookie: {CookieOf(await AskAsync(balancer))}\r\n";
        balancer.Plane.Change(routing => routing.With(Service.Default, routing.Entries[0]!.Options with { Sticky = false }));
        Message[] answers = [await AskAsync(balancer, cookie), await AskAsync(balancer, cookie)];
        Assert.Equal(["a", "b"], answers.Select(answer => answer.Field("X-Name")).Order());
        Assert.DoesNotContain(answers, HasCookie);
        balancer.Plane.Change(routing => routing.With(Service.Default, routing.Entries[0]!.Options with { Sticky = true }));
        Assert.False(HasCookie(await AskAsync(balancer, cookie)));
        Assert.True(HasCookie(await AskAsync(balancer)));
    }

    [Theory]
    [InlineData("Cookie: {0}", true)]
    [InlineData("cookie: x=1;{0}", true)]
    [InlineData("Cookie: x=1 ;\t {0} ;y", true)]
    [InlineData("Cookie: x=1\r\nCookie: {0}", true)]
    [InlineData("Cookie: edge_sticky=0123456789abcdef; {0}", true)]
    [InlineData("Cookie: edge_sticky=1; edge_sticky=; edge_sticky; edge_sticky=000000000000000g; edge_sticky=0; edge_sticky=1; {0}", true)]
    [InlineData("Cookie: a={0}", false)]
    [InlineData("Cookie: x{0}", false)]
    [InlineData("Cookie: {0}0", false)]
    [InlineData("Cookie: \"{0}\"", false)]
    [InlineData("Cookie: {0}, x=1", false)]
    [InlineData("Cookie:", false)]
    [InlineData("Cookies: {0}", false)]
    [InlineData("X-Cookie: {0}", false)]
    [InlineData(
        "Cookie: edge_sticky=0000000000000001; edge_sticky=0000000000000002; edge_sticky=0000000000000003; edge_sticky=0000000000000004; {0}", false)]
    public void A_cookie_is_read_where_it_has_its_name_and_form(string lines, bool isFound)
    {
        Replica[] replicas = [.. Enumerable.Range(0, 3).Select(i => new Replica(i, $"server_{i + 1}", new(0, 80), 1, 1))];
        var cookie = new StickyCookie(Service.Default);
        string set = Encoding.ASCII.GetString(cookie.Lines(replicas[1], namesReplica: false, wished: null, path: default, isSecure: false));
        string pair = set["Set-Cookie: ".Length..].Split(';')[0];
        string fields = lines.Replace("{0}", pair, StringComparison.Ordinal);
        Assert.Equal(isFound ? replicas[1] : null, Find(cookie, fields, new ReplicaTable(replicas)));

        // In upper case it is not what was set.
        Assert.Null(Find(cookie, lines.Replace("{0}", pair.ToUpperInvariant(), StringComparison.Ordinal), new ReplicaTable(replicas)));
    }

    [Fact]
    public void Ten_thousand_guesses_find_no_replica_and_neither_reading_nor_writing_allocates()
    {
        Replica[] replicas = [.. Enumerable.Range(0, 1000).Select(i => new Replica(i, $"server_{i + 1}", new(0, 80), 1, 1))];
        var table = new ReplicaTable(replicas);
        var cookie = new StickyCookie(Service.Default);
        var random = new Random(21);
        byte[] value = new byte[8];
        for (int i = 0; i < 10_000; i++)
        {
            random.NextBytes(value);
            Assert.Null(Find(cookie, $"Cookie: edge_sticky={Convert.ToHexStringLower(value)}", table));
        }

        string[] lines = [.. replicas.Select(r => Encoding.ASCII.GetString(cookie.Lines(r, namesReplica: false, wished: null, "/x"u8, isSecure: true)))];
        Assert.Equal(1000, lines.Distinct().Count());
        byte[] data = Encoding.ASCII.GetBytes($"GET / HTTP/1.1\r\nHost: h\r\nCookie: {lines[777]["Set-Cookie: ".Length..].Split(';')[0]}\r\n\r\n");
        var head = new Head();
        Assert.Equal(ParseResult.Complete, HeadParser.ParseRequest(data, head));
        int written = 0;
        Assert.Equal(0, Allocated.ByEachRun(() =>
        {
            for (int i = 0; i < 100; i++)
            {
                Replica found = cookie.Find(data, head, table)!;
                written += cookie.Lines(replicas[i], namesReplica: true, found, "/x"u8, isSecure: true).Length;
            }
        }));
        Assert.True(written > 0);
    }

    private static Replica? Find(StickyCookie cookie, string fields, ReplicaTable table)
    {
        byte[] data = Encoding.ASCII.GetBytes($"GET / HTTP/1.1\r\nHost: h\r\n{fields}\r\n\r\n");
        var head = new Head();
        Assert.Equal(ParseResult.Complete, HeadParser.ParseRequest(data, head));
        return cookie.Find(data, head, table);
    }
}
