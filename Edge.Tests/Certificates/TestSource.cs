using System.Security.Cryptography.X509Certificates;
using Edge.Certificates;
using Edge.Config;
using Edge.Io;
using Edge.Telemetry;
using Edge.Tests.Tls;

namespace Edge.Tests.Certificates;

/// <summary>A source whose certificates a test sets.</summary>
internal sealed class TestSource : ICertificateSource
{
    private readonly TicketKeys _tickets = new();
    private List<CertificateEntry> _current = [];
    private List<CertificateFault> _faults = [];

    public IReadOnlyList<CertificateEntry> Current => _current;

    public IReadOnlyList<CertificateFault> Faults => _faults;

    public event Action? Changed;

    /// <summary>Adds a certificate.</summary>
    internal TestSource With(X509Certificate2 certificate, string source, string? lastError = null, DateTimeOffset? renewsAt = null)
    {
        TlsCertificate read = TestCertificates.ToEdge(certificate, _tickets);
        _current = [.. _current, new CertificateEntry(read, source, lastError, renewsAt, read.Facts.Names)];
        Changed?.Invoke();
        return this;
    }

    /// <summary>Adds what should be a certificate and is none.</summary>
    internal TestSource WithFault(string source, string why)
    {
        _faults = [.. _faults, new CertificateFault(source, why)];
        Changed?.Invoke();
        return this;
    }

    /// <summary>A store with this source alone, for a frontend of its own.</summary>
    internal CertificateStore Store() => new(
        new TlsFrontend(new CertificateTable([], null), _tickets), [this], UnknownNamesRule.Default, () => Task.CompletedTask,
        new Log(TextWriter.Null, TimeProvider.System));
}
