using System.Formats.Asn1;
using Edge.Io;

namespace Edge.Certificates;

/// <summary>
/// A name that has, or is to have, a certificate of an authority, and when something is to be done for it. One task at a time changes it, under the manager's
/// lock.
/// </summary>
internal sealed class ManagedName
{
    private double _spread;

    /// <param name="host">The name or the address.</param>
    /// <param name="standIn">What clients see until there is a certificate of the authority.</param>
    internal ManagedName(string host, TlsCertificate standIn) => (Host, Certificate) = (host, standIn);

    internal string Host { get; }

    /// <summary>What clients see now.</summary>
    internal TlsCertificate Certificate { get; private set; }

    /// <summary>The authority's certificate as bytes; null while there is none.</summary>
    internal byte[]? Issued { get; private set; }

    /// <summary>When the authority wants it renewed; null if it does not say.</summary>
    internal RenewalWindow? Window { get; set; }

    /// <summary>When the authority is asked for that again.</summary>
    internal DateTimeOffset WindowCheckAt { get; set; }

    /// <summary>The attempts that failed since the last one that did not.</summary>
    internal FailureRecord? Failures { get; set; }

    /// <summary>Why the authority could not be asked when it was to be; null after it could.</summary>
    internal string? Outage { get; set; }

    /// <summary>Another process is getting its certificate; nothing is done before.</summary>
    internal DateTimeOffset HeldUntil { get; set; }

    /// <summary>A task is at work for it.</summary>
    internal bool IsBusy { get; set; }

    /// <summary>It was said that its certificate has expired.</summary>
    internal bool IsExpirySaid { get; set; }

    /// <summary>When a certificate is ordered: at once if there is none.</summary>
    internal DateTimeOffset OrderAt
    {
        get
        {
            DateTimeOffset due = Issued is null ? DateTimeOffset.MinValue : Renewals.Due(Certificate.Facts.From, Certificate.Facts.Until, Window, _spread);
            return Later(Later(due, Failures?.RetryAt ?? DateTimeOffset.MinValue), HeldUntil);
        }
    }

    /// <summary>When there is something to do next.</summary>
    internal DateTimeOffset NextAt => Issued is not null && WindowCheckAt < OrderAt ? Later(WindowCheckAt, HeldUntil) : OrderAt;

    /// <summary>What is known of it.</summary>
    internal CertificateEntry Entry =>
        new(Certificate, Issued is null ? "self-signed" : "acme", Failures?.Why ?? Outage, OrderAt, Certificate.Facts.Names);

    /// <summary>Puts a certificate of the authority in the place of the present one.</summary>
    internal void Take(TlsCertificate certificate, byte[] der)
    {
        (Certificate, Issued, Window, IsExpirySaid) = (certificate, der, null, false);
        Outage = null;
        WindowCheckAt = DateTimeOffset.MinValue;
        _spread = Renewals.SpreadOf(certificate.Facts.Serial);
    }

    /// <summary>Reads a key and a chain, and looks whether they are of any use for a name.</summary>
    /// <exception cref="AcmeException">They are not; the message says why.</exception>
    internal static (TlsCertificate Certificate, byte[] Der) Read(string host, byte[] pem, TicketKeys tickets)
    {
        try
        {
            byte[] der = PemText.FirstCertificate(pem) ?? throw new FormatException("there is no certificate");
            TlsCertificate certificate = TlsCertificate.Read(pem, pem, tickets);
            return certificate.Facts.Names.Contains(host, StringComparer.OrdinalIgnoreCase)
                ? (certificate, der)
                : throw new FormatException($"it is for {string.Join(", ", certificate.Facts.Names)}");
        }
        catch (Exception useless) when (useless is TlsException or FormatException or AsnContentException)
        {
            throw new AcmeException($"the certificate for {host} cannot be used: {useless.Message}", useless) { Status = 400 };
        }
    }

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;
}
