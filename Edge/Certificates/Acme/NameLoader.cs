using System.Net;
using Edge.Io;
using Edge.Telemetry;

namespace Edge.Certificates;

/// <summary>Makes a name ready: with what the folder has for it, or with a certificate that this process signs itself.</summary>
internal sealed class NameLoader(AcmeStore store, TicketKeys tickets, TimeProvider time, Log log)
{
    private static readonly TimeSpan s_standInLife = TimeSpan.FromDays(365);

    /// <summary>A name as certificates write it.</summary>
    internal static string Canonical(string host) => IPAddress.TryParse(host, out IPAddress? address) ? address.ToString() : host.ToLowerInvariant();

    internal ManagedName Load(string host)
    {
        DateTimeOffset now = time.GetUtcNow();
        using var key = SigningKey.Generate();
        byte[] standIn = PemText.OfCertificate(CertificateWriter.SelfSigned(host, key, now.AddHours(-1), now + s_standInLife));
        var name = new ManagedName(host, TlsCertificate.Read(standIn, key.ToPem(), tickets));
        try
        {
            name.Failures = store.ReadFailures(host);
            if (store.ReadCertificate(host) is { } pem)
            {
                (TlsCertificate certificate, byte[] der) = ManagedName.Read(host, pem, tickets);
                name.Take(certificate, der);
            }
        }
        catch (Exception useless) when (useless is AcmeException or IOException or UnauthorizedAccessException)
        {
            log.Warning("certificate_unreadable", ("host", host), ("why", useless.Message), ("then", "another one is ordered and written over it"));
        }

        return name;
    }
}
