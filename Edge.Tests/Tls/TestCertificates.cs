using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Edge.Io;

namespace Edge.Tests.Tls;

/// <summary>Certificates for tests, made anew in each run: self-signed, or by an authority of the tests' own.</summary>
internal static class TestCertificates
{
    /// <summary>A self-signed certificate for the names (DNS names, wildcards, IP addresses), with its key.</summary>
    internal static X509Certificate2 Make(IReadOnlyList<string> names, bool rsa = false, DateTimeOffset? from = null, DateTimeOffset? until = null)
    {
        using AsymmetricAlgorithm key = rsa ? RSA.Create(2048) : ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = Request(names, key);
        return request.CreateSelfSigned(from ?? DateTimeOffset.UtcNow.AddDays(-1), until ?? DateTimeOffset.UtcNow.AddDays(90));
    }

    /// <summary>An authority that signs others.</summary>
    internal static X509Certificate2 MakeAuthority(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(365));
    }

    /// <summary>A certificate that the authority has signed, with its key.</summary>
    internal static X509Certificate2 Sign(
        X509Certificate2 authority, IReadOnlyList<string> names, string? subject = null, DateTimeOffset? from = null, DateTimeOffset? until = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = Request(names, key, subject);
        byte[] serial = RandomNumberGenerator.GetBytes(8);
        serial[0] &= 0x7F;
        using X509Certificate2 signed = request.Create(
            authority, from ?? DateTimeOffset.UtcNow.AddDays(-1), until ?? DateTimeOffset.UtcNow.AddDays(90), serial);
        return signed.CopyWithPrivateKey(key);
    }

    /// <summary>The certificate, and the authorities behind it, as PEM.</summary>
    internal static byte[] Pem(X509Certificate2 certificate, params X509Certificate2[] chain) =>
        Encoding.ASCII.GetBytes(string.Join('\n', new[] { certificate }.Concat(chain).Select(c => c.ExportCertificatePem())) + "\n");

    /// <summary>Its key as PEM (PKCS #8).</summary>
    internal static byte[] KeyPem(X509Certificate2 certificate)
    {
        using AsymmetricAlgorithm key = (AsymmetricAlgorithm?)certificate.GetECDsaPrivateKey() ?? certificate.GetRSAPrivateKey()!;
        return Encoding.ASCII.GetBytes(key.ExportPkcs8PrivateKeyPem() + "\n");
    }

    /// <summary>As a loop shows it to clients.</summary>
    internal static TlsCertificate ToEdge(X509Certificate2 certificate, TicketKeys tickets) =>
        TlsCertificate.Read(Pem(certificate), KeyPem(certificate), tickets);

    private static CertificateRequest Request(IReadOnlyList<string> names, AsymmetricAlgorithm key, string? subject = null)
    {
        string distinguished = subject ?? $"CN={names[0]}";
        CertificateRequest request = key is RSA rsa
            ? new(distinguished, rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            : new(distinguished, (ECDsa)key, HashAlgorithmName.SHA256);
        var alternatives = new SubjectAlternativeNameBuilder();
        foreach (string name in names)
        {
            if (IPAddress.TryParse(name, out IPAddress? address))
            {
                alternatives.AddIpAddress(address);
            }
            else
            {
                alternatives.AddDnsName(name);
            }
        }

        request.CertificateExtensions.Add(alternatives.Build());
        return request;
    }
}
