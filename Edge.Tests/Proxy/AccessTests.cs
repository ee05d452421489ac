using System.Diagnostics;
using System.Text;
using Edge.Config;
using Edge.Contract;
using Edge.Io;
using Edge.Routing;
using Edge.Telemetry;
using Edge.Tests.Backends;

namespace Edge.Tests.Proxy;

/// <summary>Whose requests a service takes: Edge:Access.</summary>
public sealed class AccessTests
{
    private const string Password = "correct horse battery";

    private static TestBalancer Balancer(AccessOptions access, Func<EdgeOptions, EdgeOptions>? change = null) => new(
        s => (change?.Invoke(s) ?? s) with { Access = access }, _ => Task.FromResult(new ControlResponse(299, "{}"u8.ToArray(), [])),
        new Backend(Scripts.Echo));

    private static string User(string name, string password)
    {
        byte[] salt = PasswordHash.NewSalt(AccessUser.SaltBytes), hash = new byte[AccessUser.HashBytes];
        PasswordHash.Write(salt, Encoding.UTF8.GetBytes(password), hash);
        return AccessOptions.ShowUser(name, salt, hash);
    }

    private static string Get(params string[] lines) => $"GET / HTTP/1.1\r\nHost: h\r\n{string.Concat(lines.Select(line => line + "\r\n"))}\r\n";

    private static string Basic(string both) => $"Authorization: Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes(both))}";

    // A client may have its answer a moment before it is counted.
    private static Task CountedAsync(TestBalancer balancer, Reason reason, int count) => Quiet.UntilAsync(
        () => Enumerable.Range(0, balancer.Plane.Loops).Sum(loop => balancer.Plane.Figures(loop).Requests.Failures[(int)reason]) == count,
        $"{count} {reason} are counted");

    [Theory]
    [InlineData("127.0.0.0/8", 200)]
    [InlineData("127.0.0.1", 200)]
    [InlineData("127.0.0.2", 403)]
    [InlineData("10.0.0.0/8", 403)]
    [InlineData("::1", 403)]
    [InlineData("0.0.0.0/0", 200)]
    public async Task Only_clients_of_the_networks_that_are_allowed_are_forwarded(string allowed, int status)
    {
        await using TestBalancer balancer = Balancer(new() { Allow = ["192.0.2.0/24", allowed] });
        using Wire client = await balancer.ConnectAsync();
        foreach (string request in new[] { Get(), "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nbody", Get() })
        {
            await client.SendAsync(request);
            Message answer = await client.ReadMessageAsync();
            Assert.Equal((status, null), (answer.Status, answer.Field("Connection") is "close" ? "close" : null));
        }

        await CountedAsync(balancer, Reason.NotAllowed, status == 403 ? 3 : 0);
        Assert.Equal(status == 403 ? 0 : 3, balancer.Replicas[0].Totals().Requests);
    }

    [Fact]
    public async Task A_body_that_is_still_to_come_is_not_waited_for()
    {
        await using TestBalancer balancer = Balancer(new() { Allow = ["192.0.2.0/24"] });
        foreach (string framing in new[] { "Content-Length: 10", "Transfer-Encoding: chunked", "Content-Length: 10\r\nExpect: 100-continue" })
        {
            Message answer = await balancer.AskAsync($"POST / HTTP/1.1\r\nHost: h\r\n{framing}\r\n\r\n");
            Assert.Equal((403, "close"), (answer.Status, answer.Field("Connection")));
        }

        Assert.Equal(400, (await balancer.AskAsync("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n")).Status);
        Message head = await balancer.AskAsync("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n", bodiless: true);
        Assert.Equal((403, "application/json"), (head.Status, head.Field("Content-Type")));
    }

    [Theory]
    [InlineData("/heartbeat", 200)]
    [InlineData("/rep", 299)]
    [InlineData("/edge/status", 299)]
    [InlineData("/other", 403)]
    public async Task The_balancers_own_paths_are_for_everybody_as_before(string path, int status)
    {
        await using TestBalancer balancer = Balancer(new() { Allow = ["192.0.2.0/24"], Users = [User("ann", Password)], Rate = 1 });
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(status, (await balancer.GetAsync(path)).Status);
        }
    }

    [Theory]
    [InlineData(false, "X-Forwarded-For: 192.0.2.1", 403)]
    [InlineData(true, "X-Forwarded-For: 192.0.2.1", 200)]
    [InlineData(true, "X-Forwarded-For: 198.51.100.1, 192.0.2.1", 200)]
    [InlineData(true, "X-Forwarded-For: 192.0.2.1, 198.51.100.1", 403)]
    [InlineData(true, "X-Forwarded-For: 192.0.2.1 , 127.0.0.9,,127.3.4.5", 200)]
    [InlineData(true, "X-Forwarded-For: 198.51.100.1\r\nX-Forwarded-For: 192.0.2.1", 200)]
    [InlineData(true, "X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-For: 198.51.100.1", 403)]
    [InlineData(true, "X-Forwarded-For: 192.0.2.1:5000", 200)]
    [InlineData(true, "X-Forwarded-For: [2001:db8::5]:5000", 200)]
    [InlineData(true, "X-Forwarded-For: 2001:db8::5", 200)]
    [InlineData(true, "X-Forwarded-For: 2001:db9::5", 403)]
    [InlineData(true, "X-Forwarded-For: unknown", 403)]
    [InlineData(true, "X-Forwarded-For: 192.0.2.1, [", 403)]
    [InlineData(true, "X-Forwarded-For: 192.0.2.1, 192.0.2.1.", 403)]
    [InlineData(true, "X-Forwarded-For:", 403)]
    [InlineData(true, "X-Real-IP: 192.0.2.1", 403)]
    public async Task A_trusted_proxy_says_who_the_client_is_and_nobody_else_does(bool isTrusted, string line, int status)
    {
        await using TestBalancer balancer = Balancer(
            new() { Allow = ["192.0.2.0/24", "2001:db8::/32"] }, s => s with { Forwarding = new() { TrustedProxies = isTrusted ? ["127.0.0.0/8"] : [] } });
        Assert.Equal(status, (await balancer.AskAsync(Get(line))).Status);
    }

    [Fact]
    public async Task The_address_of_a_PROXY_header_is_the_clients()
    {
        await using TestBalancer balancer = Balancer(new() { Allow = ["192.0.2.0/24"] }, s => s with { ProxyProtocol = new() { From = ["127.0.0.0/8"] } });
        foreach ((string address, int status) in new[] { ("192.0.2.7", 200), ("198.51.100.7", 403) })
        {
            using Wire client = await Wire.ConnectAsync(balancer.Plane.Endpoint);
            await client.SendAsync($"PROXY TCP4 {address} 192.0.2.1 56324 443\r\n{Get()}");
            Assert.Equal(status, (await client.ReadMessageAsync()).Status);
        }
    }

    [Fact]
    public async Task Requests_beyond_the_rate_of_an_address_are_refused_however_many_connections_and_loops_they_use()
    {
        await using TestBalancer balancer = Balancer(new() { Rate = 1, Burst = 5 });
        long began = Stopwatch.GetTimestamp();
        int admitted = 0, refused = 0;
        for (int i = 0; i < 12; i++)
        {
            using Wire client = await balancer.ConnectAsync();
            await client.SendAsync(Get() + Get() + Get());
            for (int j = 0; j < 3; j++)
            {
                Message answer = await client.ReadMessageAsync();
                admitted += answer.Status == 200 ? 1 : 0;
                if (answer.Status == 429)
                {
                    refused++;
                    Assert.Equal(("1", "Too Many Requests"), (answer.Field("Retry-After"), answer.StartLine["HTTP/1.1 429 ".Length..]));
                }

                // The first five are within the burst, whatever the time.
                Assert.True(admitted + refused == i * 3 + j + 1 && (refused == 0 || admitted >= 5));
            }
        }

        // One a second comes on top, however long the machine took.
        Assert.InRange(admitted, 5, 5 + 1 + (int)Stopwatch.GetElapsedTime(began).TotalSeconds);
        await CountedAsync(balancer, Reason.RateLimited, refused);
        Assert.Equal(admitted, balancer.Replicas[0].Totals().Requests);
    }

    [Fact]
    public async Task The_clients_behind_a_trusted_proxy_have_a_rate_each()
    {
        await using TestBalancer balancer = Balancer(new() { Rate = 1, Burst = 2 }, s => s with { Forwarding = new() { TrustedProxies = ["127.0.0.0/8"] } });
        for (int i = 0; i < 50; i++)
        {
            Assert.Equal(200, (await balancer.AskAsync(Get($"X-Forwarded-For: 192.0.2.{i}"))).Status);
        }
    }

    [Fact]
    public async Task A_user_is_asked_for_and_what_the_client_sends_stays_here()
    {
        await using TestBalancer balancer = Balancer(new() { Users = [User("ann", Password), User("zoë", "123456789 passwörd: x")], Realm = "the shop" });
        using Wire client = await balancer.ConnectAsync();
        foreach (string line in new[]
        {
            "X-A: b", "Authorization: Bearer abc", "Authorization: Basic %%%", "Authorization:", Basic("ann"), Basic(":" + Password),
        })
        {
            await client.SendAsync(Get(line));
            Message asked = await client.ReadMessageAsync();
            Assert.Equal((401, "Basic realm=\"the shop\", charset=\"UTF-8\""), (asked.Status, asked.Field("WWW-Authenticate")));
            Assert.NotEqual("close", asked.Field("Connection"));
        }

        // Twice each: the second time it is known.
        string ann = Basic("ann:" + Password), zoe = Basic("zoë:123456789 passwörd: x");
        foreach (string line in new[] { ann, ann, zoe, zoe })
        {
            await client.SendAsync(Get(line, "X-After: yes"));
            Message answer = await client.ReadMessageAsync();
            Assert.Equal(200, answer.Status);
            Assert.DoesNotContain("authorization", answer.Text, StringComparison.OrdinalIgnoreCase);
            Assert.Contains("X-After: yes\r\n", answer.Text, StringComparison.Ordinal);
        }

        // Two of them may mean two users.
        await client.SendAsync(Get(Basic("ann:" + Password), Basic("ann:" + Password)));
        Assert.Equal(401, (await client.ReadMessageAsync()).Status);
        await CountedAsync(balancer, Reason.Unauthorized, 7);
        Assert.Equal(4, balancer.Replicas[0].Totals().Requests);
    }

    [Fact]
    public async Task Without_users_Authorization_is_the_replicas_as_before()
    {
        await using TestBalancer balancer = Balancer(new() { Allow = ["127.0.0.0/8"], Rate = 1000 });
        Assert.Contains("Authorization: Bearer abc\r\n", (await balancer.AskAsync(Get("Authorization: Bearer abc"))).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_too_many_wrong_passwords_none_is_looked_at_and_who_is_known_goes_on()
    {
        await using TestBalancer balancer = Balancer(new() { Users = [User("ann", Password), User("bob", Password)] }, s => s with { Loops = 1 });
        using Wire client = await balancer.ConnectAsync();
        await client.SendAsync(Get(Basic("bob:" + Password)));
        Assert.Equal(200, (await client.ReadMessageAsync()).Status);

        // In one piece, so that they are looked at at one moment.
        var all = new StringBuilder();
        for (int i = 0; i < Limits.AttemptsInARow; i++)
        {
            all.Append(Get(Basic($"{(i % 2 == 0 ? "ann" : "nobody")}:wrong {i}")));
        }

        await client.SendAsync(all + Get(Basic("ann:" + Password)) + Get(Basic("bob:" + Password)));
        for (int i = 0; i < Limits.AttemptsInARow; i++)
        {
            Assert.Equal(401, (await client.ReadMessageAsync()).Status);
        }

        Message limited = await client.ReadMessageAsync();
        Assert.Equal((429, $"{Limits.AttemptPauseSeconds}"), (limited.Status, limited.Field("Retry-After")));
        Assert.Equal(200, (await client.ReadMessageAsync()).Status);
        await CountedAsync(balancer, Reason.Unauthorized, Limits.AttemptsInARow);
        await CountedAsync(balancer, Reason.AttemptsLimited, 1);
    }

    [Fact]
    public async Task A_reload_puts_other_rules_into_effect_for_connections_that_are_there()
    {
        string ann = User("ann", Password);
        await using TestBalancer balancer = Balancer(new() { Users = [ann] });
        using Wire client = await balancer.ConnectAsync();
        await client.SendAsync(Get(Basic("ann:" + Password)));
        Assert.Equal(200, (await client.ReadMessageAsync()).Status);
        foreach ((AccessOptions access, int status) in new (AccessOptions, int)[]
        {
            (new() { Users = [User("ann", Password + "2")] }, 401), (new(), 200), (new() { Allow = ["192.0.2.1"] }, 403), (new() { Users = [ann] }, 200),
        })
        {
            balancer.Plane.Change(routing => routing.With(Service.Default, new ServiceOptions { Access = access }));
            await balancer.Plane.TurnedAsync();
            await client.SendAsync(Get(Basic("ann:" + Password)));
            Assert.Equal(status, (await client.ReadMessageAsync()).Status);
        }
    }

    [Theory]
    [InlineData("10.0.0.0/8", "10.0.0.0/8")]
    [InlineData("fd00::/8", "fd00::/8")]
    [InlineData("192.0.2.7", "192.0.2.7/32")]
    [InlineData("2001:db8::1", "2001:db8::1/128")]
    [InlineData("10.0.0.1/8", "10.0.0.0/8")]
    [InlineData("10.0.0.0/33", null)]
    [InlineData("10", null)]
    [InlineData("10.1", null)]
    [InlineData("192.0.2.7:80", null)]
    [InlineData("[::1]:80", null)]
    [InlineData("[::1]", null)]
    [InlineData("fe80::1%eth0", null)]
    [InlineData("example.org", null)]
    [InlineData("", null)]
    public void A_network_or_an_address_may_be_allowed(string text, string? network) => Assert.Equal(network, AccessOptions.ParseNetwork(text)?.ToString());

    [Fact]
    public void An_item_of_a_user_that_is_not_whole_is_refused()
    {
        string sound = User("ann", Password);
        Assert.NotNull(AccessOptions.ParseUser(sound));
        Assert.All(Enumerable.Range(0, sound.Length), length => Assert.Null(AccessOptions.ParseUser(sound[..length])));
        Assert.Null(AccessOptions.ParseUser(sound + "0"));
        Assert.Null(AccessOptions.ParseUser(sound.Replace("sha256", "sha512", StringComparison.Ordinal)));
        Assert.Null(AccessOptions.ParseUser("ann:" + Password));
        Assert.Null(AccessOptions.ParseUser(sound[3..]));
        Assert.Null(AccessOptions.ParseUser(new string('n', 65) + sound[3..]));
    }
}
