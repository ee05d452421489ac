using Edge.Io;

namespace Edge.Tests.Tls;

/// <summary>What TLS of tests looks like to clients: one certificate for every name.</summary>
internal static class TestFrontend
{
    /// <summary>For all tests together, never freed.</summary>
    internal static TlsFrontend Shared { get; } = New();

    internal static TlsFrontend New()
    {
        var tickets = new TicketKeys();
        TlsCertificate certificate = TestCertificates.ToEdge(TestCertificates.Make(["example.org", "127.0.0.1"]), tickets);
        return new TlsFrontend(new CertificateTable([certificate], certificate), tickets);
    }
}
