using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Edge.Io;
using Edge.Tests.Io;

namespace Edge.Tests.Tls;

/// <summary>Clients that show a certificate, over real sockets.</summary>
public sealed class ClientCertificateTests : IDisposable
{
    private static readonly X509Certificate2 s_authority = TestCertificates.MakeAuthority("clients");
    private static readonly X509Certificate2 s_others = TestCertificates.MakeAuthority("others");
    private static readonly X509Certificate2 s_server = TestCertificates.Make(["shop.test"]);

    private readonly TicketKeys _tickets = new();
    private readonly TlsFrontend _frontend;

    public ClientCertificateTests()
    {
        TlsCertificate shown = TestCertificates.ToEdge(s_server, _tickets);
        _frontend = new TlsFrontend(new CertificateTable([shown], shown), _tickets);
    }

    public void Dispose() => _frontend.Dispose();

    [Theory]
    [InlineData(SslProtocols.Tls12, true)]
    [InlineData(SslProtocols.Tls12, false)]
    [InlineData(SslProtocols.Tls13, true)]
    [InlineData(SslProtocols.Tls13, false)]
    public async Task A_certificate_that_is_vouched_for_is_let_in_and_its_subject_known(SslProtocols version, bool isRequired)
    {
        Verify(isRequired, s_authority);
        using X509Certificate2 alice = TestCertificates.Sign(s_authority, ["alice.test"], "CN=alice, O=\"Müller, Söhne\", C=DE");
        Assert.Equal((TlsProgress.Done, TlsFailure.None, "CN=alice,O=M\\C3\\BCller\\, S\\C3\\B6hne,C=DE"), await DialAsync(version, alice));
    }

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task A_client_without_one_is_refused_where_one_is_required_and_let_in_where_it_is_optional(SslProtocols version)
    {
        Verify(isRequired: true, s_authority);
        Assert.Equal((TlsProgress.Failed, TlsFailure.ClientCertificate, ""), await DialAsync(version, null));
        Verify(isRequired: false, s_authority);
        Assert.Equal((TlsProgress.Done, TlsFailure.None, ""), await DialAsync(version, null));
    }

    [Theory]
    [InlineData(SslProtocols.Tls12, true)]
    [InlineData(SslProtocols.Tls12, false)]
    [InlineData(SslProtocols.Tls13, true)]
    [InlineData(SslProtocols.Tls13, false)]
    public async Task A_certificate_of_somebody_else_ends_the_handshake_even_where_none_is_needed(SslProtocols version, bool isRequired)
    {
        Verify(isRequired, s_authority);
        using X509Certificate2 stranger = TestCertificates.Sign(s_others, ["alice.test"]);
        Assert.Equal((TlsProgress.Failed, TlsFailure.ClientCertificate, ""), await DialAsync(version, stranger));
    }

    [Fact]
    public async Task Of_several_authorities_each_is_believed_and_named_to_the_client()
    {
        Verify(isRequired: true, s_authority, s_others);
        using X509Certificate2 alice = TestCertificates.Sign(s_others, ["alice.test"], "CN=alice");
        string[] named = [];
        await using var loop = new TestLoop();
        (TlsEcho server, SslStream client, var shaken) = await new TlsDialler(loop, _frontend).DialAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "shop.test",
            LocalCertificateSelectionCallback = (_, _, _, _, issuers) =>
            {
                // It is asked before the handshake, too, and may wait for the names.
                named = issuers;
                return issuers.Length > 0 ? alice : null!;
            },
        });
        await using SslStream _ = client;
        Assert.Equal((TlsProgress.Done, "CN=alice"), (shaken.Progress, server.Subject));
        Assert.Equal(["CN=clients", "CN=others"], named.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_subject_too_long_for_a_field_is_refused()
    {
        Verify(isRequired: true, s_authority);
        string subject = string.Join(", ", Enumerable.Range(0, 40).Select(i => $"OU={new string('x', 60)}"));
        using X509Certificate2 alice = TestCertificates.Sign(s_authority, ["alice.test"], subject);
        Assert.Equal((TlsProgress.Failed, TlsFailure.ClientCertificate, ""), await DialAsync(SslProtocols.Tls13, alice));
    }

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task A_resumed_session_keeps_the_subject_and_none_is_resumed_under_other_rules(SslProtocols version)
    {
        using X509Certificate2 alice = TestCertificates.Sign(s_authority, ["alice.test"], "CN=alice");
        await using var loop = new TestLoop();
        var dialler = new TlsDialler(loop, _frontend);
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = $"{version}.shop.test",
            EnabledSslProtocols = version,
            ClientCertificateContext = SslStreamCertificateContext.Create(alice, null),
        };
        Verify(isRequired: true, s_authority);
        Assert.Equal((false, "CN=alice"), await ResumeAsync(dialler, options));
        Assert.Equal((true, "CN=alice"), await ResumeAsync(dialler, options));

        // The same authorities for another demand, and others: their tickets are no good, whatever the client asks for.
        Verify(isRequired: false, s_authority);
        Assert.Equal((false, "CN=alice"), await ResumeAsync(dialler, options));
        Verify(isRequired: false, s_authority, s_others);
        Assert.Equal((false, "CN=alice"), await ResumeAsync(dialler, options));
        Assert.Equal((true, "CN=alice"), await ResumeAsync(dialler, options));
    }

    private static async Task<(bool IsResumed, string Subject)> ResumeAsync(TlsDialler dialler, SslClientAuthenticationOptions options)
    {
        (TlsEcho server, SslStream client, var shaken) = await dialler.DialAsync(options);
        await using SslStream _ = client;
        Assert.Equal((TlsProgress.Done, TlsFailure.None), shaken);

        // The ticket comes with the first bytes that the client reads.
        await client.WriteAsync("ticket"u8.ToArray());
        byte[] got = new byte[6];
        await client.ReadExactlyAsync(got);
        await client.ShutdownAsync();
        return (server.Facts.IsResumed, server.Subject);
    }

    private async Task<(TlsProgress Progress, TlsFailure Failure, string Subject)> DialAsync(SslProtocols version, X509Certificate2? certificate)
    {
        await using var loop = new TestLoop();
        (TlsEcho server, SslStream client, var shaken) = await new TlsDialler(loop, _frontend).DialAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "shop.test",
            EnabledSslProtocols = version,
            AllowTlsResume = false,
            ClientCertificateContext = certificate is null ? null : SslStreamCertificateContext.Create(certificate, null),
        });
        await using SslStream _ = client;
        return (shaken.Progress, shaken.Failure, server.Subject);
    }

    private void Verify(bool isRequired, params X509Certificate2[] authorities) =>
        _frontend.Verify(ClientVerification.Read([.. authorities.SelectMany(one => TestCertificates.Pem(one))], isRequired))();
}
