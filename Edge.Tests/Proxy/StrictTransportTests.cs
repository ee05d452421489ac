using Edge.Config;
using Edge.Io;
using Edge.Tests.Backends;
using Edge.Tests.Tls;

namespace Edge.Tests.Proxy;

/// <summary>Browsers are told to use https alone (RFC 6797): Edge:Tls:Hsts.</summary>
public sealed class StrictTransportTests : IDisposable
{
    private const string Field = "Strict-Transport-Security";

    private readonly TlsFrontend _tls = TestFrontend.New();

    public void Dispose() => _tls.Dispose();

    [Theory]
    [InlineData("365d", false, "max-age=31536000")]
    [InlineData("365d", true, "max-age=31536000; includeSubDomains")]
    [InlineData("1s", false, "max-age=1")]
    [InlineData("0s", true, null)]
    public async Task A_response_over_TLS_says_for_how_long(string duration, bool subdomains, string? value)
    {
        await using TestBalancer balancer = Balancer(duration, subdomains, Scripts.Echo);
        Assert.Equal(value, (await balancer.GetAsync()).Field(Field));

        // Those of the balancer's own, too: a local answer, a path of its own, a refusal.
        foreach (string request in new[] { "GET /heartbeat", "GET /rep", "CONNECT example.org:443" })
        {
            Message own = await balancer.AskAsync($"{request} HTTP/1.1\r\nHost: example.org\r\n\r\n");
            Assert.Equal(value, own.Field(Field));
        }
    }

    [Theory]
    [InlineData("Strict-Transport-Security: max-age=5")]
    [InlineData("strict-transport-security: max-age=5")]
    [InlineData("STRICT-TRANSPORT-SECURITY:max-age=5")]
    public async Task What_the_replica_says_stands_alone(string line)
    {
        await using TestBalancer balancer = Balancer("365d", true, Scripts.Always($"HTTP/1.1 200 OK\r\n{line}\r\nContent-Length: 2\r\n\r\nok"));
        Message answer = await balancer.GetAsync();
        Assert.Equal("max-age=5", answer.Field(Field));
        Assert.Equal(1, answer.Head.Split('\n').Count(l => l.StartsWith(Field, StringComparison.OrdinalIgnoreCase)));
    }

    [Theory]
    [InlineData("X-Strict-Transport-Security: max-age=5")]
    [InlineData("Strict-Transport-Securit: max-age=5")]
    public async Task A_field_with_a_like_name_is_another_one(string line)
    {
        await using TestBalancer balancer = Balancer("365d", false, Scripts.Always($"HTTP/1.1 404 Not Found\r\n{line}\r\nContent-Length: 2\r\n\r\nno"));
        Assert.Equal("max-age=31536000", (await balancer.GetAsync()).Field(Field));
    }

    [Fact]
    public async Task An_interim_response_has_none_and_the_final_one_behind_it_has()
    {
        await using TestBalancer balancer = Balancer(
            "365d", false, Scripts.Always("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
        using Wire client = await balancer.ConnectAsync();
        await client.SendAsync("GET / HTTP/1.1\r\nHost: example.org\r\n\r\n");
        string interim = await client.ReadHeadAsync();
        Assert.StartsWith("HTTP/1.1 103 ", interim, StringComparison.Ordinal);
        Assert.DoesNotContain(Field, interim, StringComparison.OrdinalIgnoreCase);
        Message final = await client.ReadMessageAsync();
        Assert.Equal((200, "max-age=31536000"), (final.Status, final.Field(Field)));
    }

    /// <summary>RFC 6797 §7.2: not over a transport that is not secure.</summary>
    [Fact]
    public async Task Without_TLS_nothing_is_said_and_a_replica_that_says_it_is_not_hindered()
    {
        await using var plain = new TestBalancer(
            s => s with { Listen = "127.0.0.1:0", Tls = new() { Hsts = TimeSpan.FromDays(365) } }, null, new Backend(Scripts.Echo));
        using Wire client = await Wire.ConnectAsync(plain.Plane.Endpoint);
        await client.SendAsync("GET / HTTP/1.1\r\nHost: example.org\r\n\r\n");
        Assert.Null((await client.ReadMessageAsync()).Field(Field));
        await client.SendAsync("GET /heartbeat HTTP/1.1\r\nHost: example.org\r\n\r\n");
        Assert.Null((await client.ReadMessageAsync()).Field(Field));
    }

    [Fact]
    public async Task Of_two_listeners_the_one_without_TLS_redirects_and_the_other_serves()
    {
        await using TestBalancer balancer = TestBalancer.WithTls(
            _tls, s => s with { Listen = "https://127.0.0.1:0,127.0.0.1:0", Tls = new() { Redirect = "on", Hsts = TimeSpan.FromDays(1) } },
            new Backend(Scripts.Echo));
        using Wire plain = await Wire.ConnectAsync(balancer.Plane.Addresses[1].Endpoint);
        await plain.SendAsync("POST /form?a=b HTTP/1.1\r\nHost: example.org\r\nContent-Length: 4\r\n\r\nbody");
        Message redirected = await plain.ReadMessageAsync();
        Assert.Equal((308, null), (redirected.Status, redirected.Field(Field)));
        var target = new Uri(redirected.Field("Location")!);
        Assert.Equal(("https", balancer.Plane.Endpoint.Port, "/form?a=b"), (target.Scheme, target.Port, target.PathAndQuery));
        Message served = await balancer.AskAsync($"POST {target.PathAndQuery} HTTP/1.1\r\nHost: {target.Authority}\r\nContent-Length: 4\r\n\r\nbody");
        Assert.Equal((200, "max-age=86400"), (served.Status, served.Field(Field)));
        Assert.EndsWith("\r\n\r\nbody", served.Text, StringComparison.Ordinal);
    }

    private TestBalancer Balancer(string duration, bool subdomains, Func<Wire, Task> script) => TestBalancer.WithTls(
        _tls, s => s with { Tls = new() { Hsts = Durations.Parse(duration)!.Value, HstsSubdomains = subdomains } }, new Backend(script));
}
