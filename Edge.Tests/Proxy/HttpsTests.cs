using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Edge.Config;
using Edge.Io;
using Edge.Tests.Backends;
using Edge.Tests.Io;
using Edge.Tests.Tls;

namespace Edge.Tests.Proxy;

/// <summary>Clients that speak TLS to the balancer.</summary>
public sealed class HttpsTests : IDisposable
{
    private readonly TlsFrontend _tls = TestFrontend.New();

    public void Dispose() => _tls.Dispose();

    private TestBalancer Balancer(Func<Wire, Task> script, Func<EdgeOptions, EdgeOptions>? change = null) =>
        TestBalancer.WithTls(_tls, change, new Backend(script));

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task Requests_are_forwarded_and_their_replica_is_told_the_scheme(SslProtocols version)
    {
        await using TestBalancer balancer = Balancer(Scripts.Echo);
        using Wire client = await Wire.ConnectTlsAsync(balancer.Plane.Endpoint, new() { TargetHost = "example.org", EnabledSslProtocols = version });
        for (int i = 0; i < 3; i++)
        {
            await client.SendAsync($"GET /{i} HTTP/1.1\r\nHost: example.org\r\nX-Forwarded-Proto: http\r\n\r\n");
            Message answer = await client.ReadMessageAsync();
            Assert.StartsWith($"GET /{i} HTTP/1.1\r\n", answer.Text, StringComparison.Ordinal);
            Assert.Contains("\r\nX-Forwarded-Proto: https\r\n", answer.Text, StringComparison.Ordinal);
            Assert.DoesNotContain("X-Forwarded-Proto: http\r\n", answer.Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_trusted_proxy_that_names_no_scheme_has_that_of_its_connection()
    {
        await using TestBalancer balancer = Balancer(Scripts.Echo, o => o with { Forwarding = o.Forwarding with { TrustedProxies = ["127.0.0.0/8"] } });
        Message answer = await balancer.GetAsync();
        Assert.Contains("\r\nX-Forwarded-Proto: https\r\n", answer.Text, StringComparison.Ordinal);
        answer = await balancer.AskAsync("GET / HTTP/1.1\r\nHost: example.org\r\nX-Forwarded-Proto: http\r\n\r\n");
        Assert.Contains("\r\nX-Forwarded-Proto: http\r\n", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_absolute_target_of_https_is_served()
    {
        await using TestBalancer balancer = Balancer(Scripts.Echo);
        Message answer = await balancer.AskAsync("GET https://example.org/page HTTP/1.1\r\nHost: example.org\r\n\r\n");
        Assert.StartsWith("GET /page HTTP/1.1\r\n", answer.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(16_384)]
    [InlineData(1_000_001)]
    public async Task Bodies_pass_both_ways_as_they_were(int length)
    {
        await using TestBalancer balancer = Balancer(async wire =>
        {
            while (true)
            {
                Message request = await wire.ReadMessageAsync();
                await wire.SendAsync($"HTTP/1.1 200 OK\r\nContent-Length: {request.Body.Length}\r\n\r\n");
                await wire.SendAsync(request.Body);
            }
        });
        byte[] body = new byte[length];
        new Random(length).NextBytes(body);
        using Wire client = await balancer.ConnectAsync();
        for (int i = 0; i < 2; i++)
        {
            Task sending = SendAsync();
            Assert.Equal(body, (await client.ReadMessageAsync()).Body);
            await sending;
        }

        async Task SendAsync()
        {
            await client.SendAsync($"POST / HTTP/1.1\r\nHost: example.org\r\nContent-Length: {length}\r\n\r\n");
            await client.SendAsync(body);
        }
    }

    [Fact]
    public async Task Plain_HTTP_on_a_port_of_https_is_told_so()
    {
        await using TestBalancer balancer = Balancer(Scripts.Echo);
        using Wire client = await Wire.ConnectAsync(balancer.Plane.Endpoint);
        await client.SendAsync("GET / HTTP/1.1\r\nHost: example.org\r\n\r\n");
        Message answer = await client.ReadMessageAsync();
        Assert.StartsWith("HTTP/1.1 400 ", answer.Head, StringComparison.Ordinal);
        Assert.Contains("This port speaks https", answer.Text, StringComparison.Ordinal);
        Assert.Equal("", await client.ReadToEndAsync());
    }

    [Theory]
    [InlineData("PROXY TCP4 203.0.113.9 192.0.2.1 1234 443\r\n")]
    [InlineData("PROXY UNKNOWN\r\n")]
    public async Task The_PROXY_header_comes_before_the_handshake(string header)
    {
        await using TestBalancer balancer = Balancer(Scripts.Echo, o => o with { ProxyProtocol = o.ProxyProtocol with { From = ["127.0.0.0/8"] } });
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(balancer.Plane.Endpoint, TestContext.Current.CancellationToken);

        // In one segment with the ClientHello, as proxies send it.
        await using var joined = new PrefixStream(new NetworkStream(socket, ownsSocket: true), Encoding.ASCII.GetBytes(header));
        await using var tls = new SslStream(joined, leaveInnerStreamOpen: false, (_, _, _, _) => true);
        await tls.AuthenticateAsClientAsync("example.org").WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        await tls.WriteAsync("GET / HTTP/1.1\r\nHost: example.org\r\nConnection: close\r\n\r\n"u8.ToArray(), TestContext.Current.CancellationToken);
        string answer = await new StreamReader(tls, Encoding.Latin1).ReadToEndAsync(TestContext.Current.CancellationToken);
        string client = header.Contains("203", StringComparison.Ordinal) ? "203.0.113.9" : "127.0.0.1";
        Assert.Contains($"\r\nX-Forwarded-For: {client}\r\n", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(20)]
    public async Task A_handshake_that_does_not_go_on_ends_in_time(int helloBytes)
    {
        await using TestBalancer balancer = Balancer(
            Scripts.Echo, o => o with { Timeouts = o.Timeouts with { TlsHandshake = TimeSpan.FromMilliseconds(200) } });
        using Wire client = await Wire.ConnectAsync(balancer.Plane.Endpoint);
        await client.SendAsync(Hello().AsMemory(0, helloBytes));
        Assert.Equal("", await client.ReadToEndAsync());
        Assert.StartsWith("HTTP/1.1 200 ", (await balancer.GetAsync()).Head, StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_one_handshake_too_many_the_oldest_ends()
    {
        await using TestBalancer balancer = Balancer(
            Scripts.Echo, o => o with { Loops = 1, Overload = o.Overload with { Handshakes = 2 } });
        using Wire first = await Wire.ConnectAsync(balancer.Plane.Endpoint);
        await first.SendAsync(Hello().AsMemory(0, 20));
        using Wire second = await Wire.ConnectAsync(balancer.Plane.Endpoint);
        await second.SendAsync(Hello().AsMemory(0, 20));
        await Quiet.UntilAsync(() => balancer.Plane.Figures(0).Clients == 2, "both are accepted");
        Assert.StartsWith("HTTP/1.1 200 ", (await balancer.GetAsync()).Head, StringComparison.Ordinal);
        Assert.Equal("", await first.ReadToEndAsync());
        Assert.Equal(0, second.Socket.Available);
        await Quiet.UntilAsync(() => balancer.Plane.Figures(0).Clients == 1, "the second goes on");
    }

    [Fact]
    public async Task One_client_has_only_so_many_handshakes_under_way()
    {
        await using TestBalancer balancer = Balancer(Scripts.Echo, o => o with { Overload = o.Overload with { HandshakesPerClient = 2 } });
        using Wire first = await Wire.ConnectAsync(balancer.Plane.Endpoint);
        using Wire second = await Wire.ConnectAsync(balancer.Plane.Endpoint);
        using Wire third = await Wire.ConnectAsync(balancer.Plane.Endpoint);
        Wire[] all = [first, second, third];
        Task<string>[] ends = [.. all.Select(w => w.ReadToEndAsync())];
        Task<string> refused = await Task.WhenAny(ends);
        Assert.Equal("", await refused);
        _ = Assert.Single(ends, e => e.IsCompleted);

        // Those that are over do not count.
        all[Array.FindIndex(ends, e => !e.IsCompleted)].Socket.Shutdown(SocketShutdown.Both);
        await Quiet.UntilAsync(() => balancer.Plane.Figures(0).Clients + balancer.Plane.Figures(1).Clients == 1, "one has left");
        Assert.StartsWith("HTTP/1.1 200 ", (await balancer.GetAsync()).Head, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_hundred_clients_that_shake_hands_at_once_are_all_served()
    {
        await using TestBalancer balancer = Balancer(Scripts.Echo);
        Message[] answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(i => balancer.GetAsync($"/{i}")));
        for (int i = 0; i < answers.Length; i++)
        {
            Assert.StartsWith($"GET /{i} HTTP/1.1\r\n", answers[i].Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Tickets_of_one_loop_are_good_on_all()
    {
        await using TestBalancer balancer = Balancer(Scripts.Echo, o => o with { Loops = 4 });
        var options = new SslClientAuthenticationOptions { TargetHost = "example.org" };
        for (int i = 0; i < 40; i++)
        {
            using Wire client = await Wire.ConnectTlsAsync(balancer.Plane.Endpoint, options);
            await client.SendAsync("GET / HTTP/1.1\r\nHost: example.org\r\n\r\n");
            await client.ReadMessageAsync();
        }

        Assert.Equal(39, Enumerable.Range(0, 4).Sum(loop => balancer.Plane.Figures(loop).HandshakesResumed));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_replica_is_told_the_subject_of_a_clients_certificate_and_no_client_can_forge_it(bool isShown)
    {
        using X509Certificate2 authority = TestCertificates.MakeAuthority("clients");
        using X509Certificate2 alice = TestCertificates.Sign(authority, ["alice.test"], "CN=alice");
        _tls.Verify(ClientVerification.Read(TestCertificates.Pem(authority), isRequired: false))();
        await using TestBalancer balancer = Balancer(Scripts.Echo);
        var options = new SslClientAuthenticationOptions { TargetHost = "example.org", ClientCertificates = isShown ? [alice] : null };
        using Wire client = await Wire.ConnectTlsAsync(balancer.Plane.Endpoint, options);
        await client.SendAsync(
            "GET / HTTP/1.1\r\nHost: h\r\nX-Forwarded-Client-Subject: CN=mallory\r\nX_Forwarded_Client_Subject: CN=mallory\r\n\r\n");
        string told = (await client.ReadMessageAsync()).Text;
        Assert.DoesNotContain("mallory", told, StringComparison.Ordinal);
        Assert.Equal(isShown, told.Contains("\r\nX-Forwarded-Client-Subject: CN=alice\r\n", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_end_that_the_balancer_makes_is_said()
    {
        await using TestBalancer balancer = Balancer(Scripts.Echo);
        using Wire client = await balancer.ConnectAsync();
        await client.SendAsync("GET / HTTP/1.1\r\nHost: example.org\r\nConnection: close\r\n\r\n");
        await client.ReadMessageAsync();

        byte[] none = new byte[1];
        Assert.Equal(0, await client.Tls!.ReadAsync(none, TestContext.Current.CancellationToken));
    }

    // The beginning of a ClientHello.
    private static byte[] Hello() => [0x16, 3, 1, 2, 0, 1, 0, 1, 0xFC, 3, 3, .. new byte[64]];
}
