using System.Security.Cryptography.X509Certificates;
using Edge.Certificates;
using Edge.Config;
using Edge.Hosting;
using Edge.Io;
using Edge.Tests.Tls;

namespace Edge.Tests.Certificates;

/// <summary>The rules on the certificates of clients, while their file and their options change.</summary>
public sealed class ClientAuthoritiesTests : IDisposable
{
    private static readonly X509Certificate2 s_first = TestCertificates.MakeAuthority("first");
    private static readonly X509Certificate2 s_second = TestCertificates.MakeAuthority("second");

    private readonly PemFolder _folder = new();
    private readonly List<ClientVerification?> _used = [];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Another_file_holds_when_it_has_settled_and_on_a_reload_at_once()
    {
        TlsOptions options = Options(ClientCertificatesRule.Required);
        var authorities = new ClientAuthorities(options, _used.Add);
        Assert.True(Assert.Single(_used)!.IsRequired);
        authorities.Look();
        _folder.Write("clients.pem", TestCertificates.Pem(s_second));
        authorities.Look();
        Assert.Single(_used);
        authorities.Look();
        Assert.Equal(2, _used.Count);
        Assert.NotEqual(Convert.ToHexString(_used[0]!.Id), Convert.ToHexString(_used[1]!.Id));
        _folder.Write("clients.pem", TestCertificates.Pem(s_first, s_second));
        authorities.Use(options);
        authorities.Use(options);
        Assert.Equal(3, _used.Count);
    }

    [Fact]
    public void A_file_that_cannot_be_used_keeps_the_rules_and_says_why_until_it_is_mended()
    {
        TlsOptions options = Options(ClientCertificatesRule.Optional);
        var authorities = new ClientAuthorities(options, _used.Add);
        int changes = 0;
        authorities.Changed += () => changes++;
        _folder.Write("clients.pem", [.. TestCertificates.Pem(s_second), .. "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"u8]);
        authorities.Use(options);
        authorities.Use(options);
        CertificateFault fault = Assert.Single(authorities.Faults);
        Assert.Equal(_folder.At("clients.pem"), fault.Source);
        Assert.StartsWith("a certificate cannot be read: ", fault.Why, StringComparison.Ordinal);
        Assert.Equal((1, 1), (_used.Count, changes));
        _folder.Write("clients.pem", TestCertificates.Pem(s_second));
        authorities.Use(options);
        Assert.Empty(authorities.Faults);
        Assert.Equal((2, 2), (_used.Count, changes));
    }

    [Fact]
    public void Other_demands_hold_on_a_reload_and_none_asks_clients_for_nothing()
    {
        var authorities = new ClientAuthorities(Options(ClientCertificatesRule.None), _used.Add);
        Assert.Empty(_used);
        authorities.Use(Options(ClientCertificatesRule.Optional));
        authorities.Use(Options(ClientCertificatesRule.Required));
        authorities.Use(Options(ClientCertificatesRule.None));
        Assert.Equal([false, true, null], _used.Select(rules => rules?.IsRequired));
        Assert.NotEqual(Convert.ToHexString(_used[0]!.Id), Convert.ToHexString(_used[1]!.Id));
    }

    [Fact]
    public void Options_whose_file_cannot_be_used_are_refused_before_anything_changes()
    {
        TlsOptions now = Options(ClientCertificatesRule.None);
        TlsOptions good = Options(ClientCertificatesRule.Required);
        TlsOptions bad = good with { ClientAuthorities = _folder.At("missing.pem") };
        Assert.Equal($"there is no file {_folder.At("missing.pem")}", ServedCertificates.Refusal(now, bad));
        Assert.Null(ServedCertificates.Refusal(now, good));

        // What holds already is not put at risk by a reload of something else.
        Assert.Null(ServedCertificates.Refusal(bad, bad));
        Assert.Throws<FileNotFoundException>(() => new ClientAuthorities(bad, _used.Add));
    }

    private TlsOptions Options(ClientCertificatesRule rule)
    {
        if (!File.Exists(_folder.At("clients.pem")))
        {
            _folder.Write("clients.pem", TestCertificates.Pem(s_first));
        }

        return new TlsOptions { ClientCertificates = rule, ClientAuthorities = _folder.At("clients.pem") };
    }
}
