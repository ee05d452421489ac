using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Edge.Certificates;
using Edge.Io;

namespace Edge.Tests.Certificates;

/// <summary>What is written here, read by the framework's own code.</summary>
public sealed class CertificateWriterTests
{
    private static readonly DateTimeOffset s_now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("www.example.org")]
    [InlineData("192.0.2.1")]
    [InlineData("2001:db8::1")]
    public void A_request_is_signed_and_asks_for_the_one_name(string host)
    {
        using var key = SigningKey.Generate();
        CertificateRequest request = CertificateRequest.LoadSigningRequest(
            CertificateWriter.Request(host, key), HashAlgorithmName.SHA256, CertificateRequestLoadOptions.UnsafeLoadCertificateExtensions);
        Assert.Equal(key.PublicKeyInfo, request.PublicKey.ExportSubjectPublicKeyInfo());
        Assert.Equal("", request.SubjectName.Name);
        Assert.Equal([host], NamesOf(Assert.Single(request.CertificateExtensions)));
    }

    [Theory]
    [InlineData("www.example.org", 2030)]
    [InlineData("192.0.2.1", 2051)]
    public void A_self_signed_certificate_is_for_its_name_and_its_time_and_a_loop_can_show_it(string host, int until)
    {
        using var key = SigningKey.Generate();
        DateTimeOffset end = new(until, 6, 1, 12, 0, 0, TimeSpan.Zero);
        byte[] der = CertificateWriter.SelfSigned(host, key, s_now, end);
        using X509Certificate2 certificate = X509CertificateLoader.LoadCertificate(der);
        Assert.Equal((s_now, end), (new DateTimeOffset(certificate.NotBefore.ToUniversalTime()), new DateTimeOffset(certificate.NotAfter.ToUniversalTime())));
        Assert.Equal([host], NamesOf(Assert.Single(certificate.Extensions)));
        Assert.True(certificate.GetSerialNumber()[^1] < 0x80 && certificate.SerialNumber.Length <= 34);
        using var chain = new X509Chain
        {
            ChainPolicy =
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
                VerificationTime = s_now.UtcDateTime.AddDays(1),
            },
        };
        chain.ChainPolicy.CustomTrustStore.Add(certificate);
        Assert.True(chain.Build(certificate), string.Join(", ", chain.ChainStatus.Select(s => s.StatusInformation)));
        using TlsCertificate shown = TlsCertificate.Read(PemText.OfCertificate(der), key.ToPem(), new TicketKeys());
        Assert.Equal([host], shown.Facts.Names);
    }

    [Fact]
    public void A_proof_has_the_digest_in_a_critical_extension()
    {
        using var key = SigningKey.Generate();
        byte[] digest = SHA256.HashData("answer"u8);
        using X509Certificate2 certificate = X509CertificateLoader.LoadCertificate(CertificateWriter.Proof("a.example", key, digest, s_now));
        X509Extension proof = certificate.Extensions["1.3.6.1.5.5.7.1.31"]!;
        Assert.True(proof.Critical);
        Assert.Equal([0x04, 0x20, .. digest], proof.RawData);
    }

    // RFC 9773 §4.1 has this example.
    [Fact]
    public void The_id_of_a_certificate_is_made_of_the_key_that_signed_it_and_of_its_number()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=a.example", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        byte[] authority = Convert.FromHexString("69885B6B87464041E1B37B847BA0AE2CDE01C8D4");
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromSubjectKeyIdentifier(authority));
        var signer = X509SignatureGenerator.CreateForECDsa(key);
        using X509Certificate2 certificate = request.Create(request.SubjectName, signer, s_now, s_now.AddDays(1), [0x00, 0x87, 0x65, 0x43, 0x21]);
        Assert.Equal("aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE", RenewalId.Of(certificate.RawData));
    }

    [Fact]
    public void A_certificate_that_does_not_say_who_signed_it_has_no_id()
    {
        using var key = SigningKey.Generate();
        Assert.Null(RenewalId.Of(CertificateWriter.SelfSigned("a.example", key, s_now, s_now.AddDays(1))));
    }

    [Theory]
    [InlineData("A.example.org", "a.example.org")]
    [InlineData("192.0.2.10", "10.2.0.192.in-addr.arpa")]
    [InlineData("2001:db8::1", "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa")]
    public void An_address_is_asked_for_by_the_name_of_its_reverse_look_up(string host, string name) => Assert.Equal(name, ChallengeBoard.NameOf(host));

    private static string[] NamesOf(X509Extension extension)
    {
        var names = new X509SubjectAlternativeNameExtension(extension.RawData);
        return [.. names.EnumerateDnsNames(), .. names.EnumerateIPAddresses().Select(address => address.ToString())];
    }
}
