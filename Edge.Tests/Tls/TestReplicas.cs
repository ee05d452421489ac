using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Edge.Io;

namespace Edge.Tests.Tls;

/// <summary>An authority of the tests' own, and replicas that speak TLS with certificates by it.</summary>
internal static class TestReplicas
{
    /// <summary>What their certificates are for.</summary>
    internal const string Name = "replica.example";

    /// <summary>For all tests together, never freed.</summary>
    internal static X509Certificate2 Authority { get; } = TestCertificates.MakeAuthority("The tests' own");

    /// <summary>Believes that authority alone.</summary>
    internal static Lazy<TlsClientContext> Trust { get; } = Made(new TlsClientContext([TestCertificates.Pem(Authority)]));

    /// <summary>What a backend shows whose test does not say it; null for no TLS. A variable runs the same tests with TLS to the backends.</summary>
    internal static SslServerAuthenticationOptions? Tls { get; } =
        Environment.GetEnvironmentVariable("EDGE_TEST_REPLICA_TLS") == "1" ? Showing(TestCertificates.Sign(Authority, [Name])) : null;

    internal static SslServerAuthenticationOptions Showing(X509Certificate2 certificate) =>
        new() { ServerCertificateContext = SslStreamCertificateContext.Create(certificate, additionalCertificates: null, offline: true) };

    internal static Lazy<TlsClientContext> Made(TlsClientContext context)
    {
        var made = new Lazy<TlsClientContext>(context);
        _ = made.Value;
        return made;
    }
}
