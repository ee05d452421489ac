using System.Globalization;
using Edge.Config;
using Edge.Io;

namespace Edge.Certificates;

/// <summary>Reads the certificates that options name, and says what they are and which cannot be used. Nothing is shown to clients.</summary>
internal static class CertificateCheck
{
    /// <param name="all">Which certificates.</param>
    /// <param name="now">For those that are not good yet, or not any more.</param>
    /// <returns>A line for each certificate, and one for each fault.</returns>
    internal static (IReadOnlyList<string> Good, IReadOnlyList<string> Bad) Run(EdgeOptions all, DateTimeOffset now)
    {
        TlsOptions options = all.Tls;
        var files = new FileCertificates(options, new TicketKeys());
        List<string> good = [];
        foreach (CertificateEntry entry in files.Current)
        {
            good.Add($"{entry.Source}: {Describe(entry, now)}");
            entry.Certificate.Dispose();
        }

        List<string> bad = [.. files.Faults.Select(fault => $"{fault.Source} cannot be used as a certificate: {fault.Why}")];
        if (options.ClientCertificates != ClientCertificatesRule.None)
        {
            try
            {
                ClientAuthorities.Read(options).Dispose();
            }
            catch (Exception broken) when (CertificateFile.IsFault(broken))
            {
                bad.Add($"Edge:Tls:ClientAuthorities is \"{options.ClientAuthorities}\", which cannot be used: {CertificateFile.WhyOf(broken)}");
            }
        }

        if (ReplicaTrust.IsNeeded(all) || all.Upstream.Tls.Roots.Length > 0)
        {
            try
            {
                ReplicaTrust.Open(all.Upstream.Tls).Dispose();
            }
            catch (IOException broken)
            {
                bad.Add(broken.Message);
            }
        }

        return (good, bad);
    }

    private static string Describe(CertificateEntry entry, DateTimeOffset now)
    {
        CertificateFacts facts = entry.Certificate.Facts;
        string until = facts.Until.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        string validity = facts.From > now ? $"not good before {facts.From.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}"
            : facts.Until < now ? $"not good any more since {until}"
            : $"good until {until}";
        return $"{string.Join(", ", facts.Names)} ({facts.Key}), by {facts.Issuer}, {validity}";
    }
}
