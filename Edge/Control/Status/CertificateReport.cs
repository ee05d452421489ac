using Edge.Certificates;
using Edge.Config;
using Edge.Io;

namespace Edge.Control;

/// <summary>A certificate that clients get to see, or what should be one and is none.</summary>
/// <param name="Names">Whom it is for, up to ten names; empty for what is none.</param>
/// <param name="NameCount">How many names it has.</param>
/// <param name="Source">Where it comes from: the path of a file or folder, or acme.</param>
/// <param name="Issuer">Who vouches for it.</param>
/// <param name="Key">The kind of its key: rsa, ecdsa, ed25519 or other.</param>
/// <param name="From">From when it is good.</param>
/// <param name="Until">Until when it is good.</param>
/// <param name="DaysLeft">The days until then; negative if it is not good any more.</param>
/// <param name="LastError">Why the last attempt to read or renew it failed; null if it did not.</param>
/// <param name="RenewsAt">When a newer one will be asked for; null if it does not renew itself.</param>
internal sealed record CertificateReport(
    IReadOnlyList<string> Names,
    int NameCount,
    string Source,
    string? Issuer,
    string? Key,
    DateTimeOffset? From,
    DateTimeOffset? Until,
    double? DaysLeft,
    string? LastError,
    DateTimeOffset? RenewsAt)
{
    /// <summary>All of a store: the certificates in their order, then what is none.</summary>
    internal static CertificateReport[] Of(CertificateStore store, DateTimeOffset now) =>
        [.. store.Shown.Select(entry => Of(entry, now)), .. store.Faults.Take(Limits.CertificatesShown).Select(Of)];

    private static CertificateReport Of(CertificateEntry entry, DateTimeOffset now)
    {
        CertificateFacts facts = entry.Certificate.Facts;
        double days = Math.Round((facts.Until - now).TotalDays, 2);
        IReadOnlyList<string> names = entry.Names.Count > Limits.CertificateNamesShown ? [.. entry.Names.Take(Limits.CertificateNamesShown)] : entry.Names;
        return new(names, entry.Names.Count, entry.Source, facts.Issuer, facts.Key, facts.From, facts.Until, days, entry.LastError, entry.RenewsAt);
    }

    private static CertificateReport Of(CertificateFault fault) => new([], 0, fault.Source, null, null, null, null, null, fault.Why, null);
}
