using System.Net.Security;
using System.Runtime.Versioning;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Edge.Io;
using Edge.Tests.Io;

namespace Edge.Tests.Tls;

/// <summary>Which of several certificates a client gets to see.</summary>
[SupportedOSPlatform("linux")]
public sealed class CertificateChoiceTests : IDisposable
{
    private static readonly X509Certificate2 s_ecdsa = TestCertificates.Make(["shop.test", "*.shop.test"]);
    private static readonly X509Certificate2 s_rsa = TestCertificates.Make(["shop.test"], rsa: true);
    private static readonly X509Certificate2 s_address = TestCertificates.Make(["127.0.0.1", "::1"]);

    private readonly TicketKeys _tickets = new();
    private readonly List<TlsFrontend> _frontends = [];

    public void Dispose() => _frontends.ForEach(frontend => frontend.Dispose());

    [Theory]
    [InlineData(TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, true)]
    [InlineData(TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, false)]
    public async Task A_client_sees_the_one_of_two_for_its_name_whose_kind_of_key_it_can_use(TlsCipherSuite suite, bool isRsa)
    {
        TlsFrontend frontend = Frontend([s_ecdsa, s_rsa]);
        Assert.Equal(isRsa, await SeesRsaAsync(frontend, suite));
        Assert.Equal(isRsa, await SeesRsaAsync(Frontend([s_rsa, s_ecdsa]), suite));
    }

    [Fact]
    public async Task A_client_that_can_use_both_kinds_of_keys_sees_the_one_with_ECDSA()
    {
        Assert.False(await SeesRsaAsync(Frontend([s_rsa, s_ecdsa]), TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
            TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256));
        Assert.False(await SeesRsaAsync(Frontend([s_rsa, s_ecdsa])));
    }

    [Fact]
    public async Task A_client_that_asks_for_no_name_sees_the_certificate_of_the_address_that_it_has_connected_to()
    {
        TlsFrontend frontend = Frontend([s_ecdsa, s_address]);
        Assert.Equal(s_address.SerialNumber, (await SeenAsync(frontend, new SslClientAuthenticationOptions { TargetHost = "" })).SerialNumber);
        Assert.Equal(s_ecdsa.SerialNumber, (await SeenAsync(frontend, new SslClientAuthenticationOptions { TargetHost = "other.test" })).SerialNumber);

        // Also where other names are refused.
        TlsFrontend strict = Frontend([s_address], hasDefault: false);
        Assert.Equal(s_address.SerialNumber, (await SeenAsync(strict, new SslClientAuthenticationOptions { TargetHost = "" })).SerialNumber);
    }

    [Fact]
    public void Addresses_are_found_in_both_forms_of_a_socket()
    {
        TlsFrontend frontend = Frontend([s_ecdsa, s_address]);
        CertificateTable table = frontend.Certificates;
        Assert.True(table.HasAddresses);
        byte[] four = [2, 0, 0, 80, 127, 0, 0, 1, .. new byte[20]];
        byte[] mapped = [10, 0, 0, 80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 127, 0, 0, 1, 0, 0, 0, 0];
        byte[] six = [10, 0, 0, 80, 0, 0, 0, 0, .. new byte[15], 1, 0, 0, 0, 0];
        byte[] other = [2, 0, 0, 80, 127, 0, 0, 2, .. new byte[20]];
        Assert.Equal([table.All[1], table.All[1], table.All[1], table.All[0]], new[] { four, mapped, six, other }.Select(a => table.FindByAddress(a)));
        Assert.Same(table.All[1], table.Find("127.0.0.1"u8));
        Assert.False(new CertificateTable([table.All[0]], null).HasAddresses);
    }

    private TlsFrontend Frontend(X509Certificate2[] certificates, bool hasDefault = true)
    {
        TlsCertificate[] all = [.. certificates.Select(one => TestCertificates.ToEdge(one, _tickets))];
        var table = new CertificateTable(all, hasDefault ? all[0] : null, (first, second) => TlsCertificate.Join(first, second, _tickets));
        var frontend = new TlsFrontend(table, _tickets);
        _frontends.Add(frontend);
        return frontend;
    }

    private static async Task<bool> SeesRsaAsync(TlsFrontend frontend, params TlsCipherSuite[] suites)
    {
        X509Certificate2 seen = await SeenAsync(frontend, new SslClientAuthenticationOptions
        {
            TargetHost = "shop.test",
            AllowTlsResume = false,
            EnabledSslProtocols = suites.Length > 0 ? SslProtocols.Tls12 : SslProtocols.Tls13,
            CipherSuitesPolicy = suites.Length > 0 ? new CipherSuitesPolicy(suites) : null,
        });
        return seen.GetRSAPublicKey() is not null;
    }

    private static async Task<X509Certificate2> SeenAsync(TlsFrontend frontend, SslClientAuthenticationOptions options)
    {
        await using var loop = new TestLoop();
        (_, SslStream client, (TlsProgress Progress, TlsFailure Failure) shaken) = await new TlsDialler(loop, frontend).DialAsync(options);
        await using SslStream ended = client;
        Assert.Equal((TlsProgress.Done, TlsFailure.None), shaken);
        return (X509Certificate2)client.RemoteCertificate!;
    }
}
