using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Edge.Config;
using Edge.Drivers;
using Edge.Fleet;
using Edge.Io;
using Edge.Tests.Backends;
using Edge.Tests.Tls;

namespace Edge.Tests.Fleet;

/// <summary>Health checks of replicas that speak TLS.</summary>
public sealed class HealthTlsTests
{
    private static readonly DateTimeOffset s_now = DateTimeOffset.UtcNow;

    [Fact]
    public async Task A_replica_that_can_be_believed_passes()
    {
        Message? asked = null;
        await using var backend = new Backend(
            async wire =>
            {
                asked = await wire.ReadMessageAsync();
                await wire.SendAsync("HTTP/1.1 204 No Content\r\n\r\n");
                await wire.ReadToEndAsync();
            },
            tls: TestReplicas.Showing(TestCertificates.Sign(TestReplicas.Authority, [TestReplicas.Name])));
        Assert.Null(await CheckAsync(backend.Address));
        Assert.StartsWith("GET /heartbeat HTTP/1.1\r\n", asked!.Head, StringComparison.Ordinal);
        Assert.Equal(backend.Address.ToString(), asked.Field("Host"));
    }

    [Fact]
    public async Task A_certificate_that_does_not_verify_fails_the_check_with_its_cause()
    {
        X509Certificate2 authority = TestReplicas.Authority;
        string name = TestReplicas.Name;
        await FailsAsync(
            TestCertificates.Sign(authority, ["other.example"]),
            "its certificate does not verify: hostname mismatch (it has to be for replica.example: Edge:Upstream:Tls:ServerName says for which name)");
        await FailsAsync(
            TestCertificates.Sign(authority, [name], from: s_now.AddHours(-20), until: s_now.AddHours(-1)),
            "its certificate does not verify: certificate has expired");
        await FailsAsync(
            TestCertificates.Sign(authority, [name], from: s_now.AddHours(2), until: s_now.AddHours(9)),
            "its certificate does not verify: certificate is not yet valid");
        await FailsAsync(
            TestCertificates.Make([name]), "its certificate does not verify: self-signed certificate (Edge:Upstream:Tls:Roots says who vouches for it)");
        await FailsAsync(
            TestCertificates.Sign(TestCertificates.MakeAuthority("another"), [name]),
            "its certificate does not verify: unable to get local issuer certificate (Edge:Upstream:Tls:Roots says who vouches for it)");
    }

    [Fact]
    public async Task A_replica_that_speaks_no_TLS_fails_the_check_with_what_to_look_at()
    {
        await using var server = new Backend(async wire =>
        {
            await wire.ReadExactlyAsync(5);
            await wire.SendAsync("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
            await wire.ReadToEndAsync();
        })
        {
            IsPlain = true,
        };
        string? reason = await CheckAsync(server.Address);
        Assert.StartsWith($"https://{server.Address}/heartbeat failed: TLS failed: ", reason, StringComparison.Ordinal);
        Assert.EndsWith($"(does it speak TLS there? {StaticDriver.Abilities.PortHint})", reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_handshake_that_hangs_ends_with_the_time_of_the_check()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var address = (IPEndPoint)silent.LocalEndpoint;
        Assert.Equal(
            $"https://{address}/heartbeat did not answer within 0.2 s (Edge:Health:Timeout)",
            await CheckAsync(address, new HealthOptions { Timeout = TimeSpan.FromMilliseconds(200) }));
    }

    [Fact]
    public async Task Where_nothing_says_whom_to_believe_the_check_says_so()
    {
        await using var server = new TinyServer(_ => TinyServer.Response(200));
        var trust = new Lazy<TlsClientContext>(() => throw new IOException("there are no roots"), LazyThreadSafetyMode.PublicationOnly);
        Assert.Equal($"https://{server.Address}/heartbeat failed: there are no roots", await CheckAsync(server.Address, trust: trust));
    }

    private static async Task FailsAsync(X509Certificate2 certificate, string why)
    {
        await using var backend = new Backend(Scripts.NeverAnswers, tls: TestReplicas.Showing(certificate));
        Assert.Equal($"https://{backend.Address}/heartbeat failed: {why}", await CheckAsync(backend.Address));
    }

    private static Task<string?> CheckAsync(IPEndPoint address, HealthOptions? options = null, Lazy<TlsClientContext>? trust = null)
    {
        options ??= new HealthOptions { Timeout = TimeSpan.FromSeconds(20) };
        trust ??= TestReplicas.Trust;
        var prober = new HealthProber(options, TimeSpan.FromSeconds(1), StaticDriver.Abilities, TimeProvider.System) { Trust = trust };
        var replica = new ObservedReplica("id", "a", address, 1) { TlsName = TestReplicas.Name };
        return prober.CheckAsync(new HealthCheck(replica, options, trust), TestContext.Current.CancellationToken);
    }
}
