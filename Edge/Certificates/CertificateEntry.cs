using Edge.Io;

namespace Edge.Certificates;

/// <summary>A certificate, and what is known of it.</summary>
/// <param name="Certificate">What clients get to see.</param>
/// <param name="Source">Where it comes from: the path of a file, or acme.</param>
/// <param name="LastError">Why the last attempt to get a newer one failed; null if it did not.</param>
/// <param name="RenewsAt">When a newer one will be asked for; null if it does not renew itself.</param>
/// <param name="Names">Whom it is for, the first one first.</param>
internal sealed record CertificateEntry(
    TlsCertificate Certificate, string Source, string? LastError, DateTimeOffset? RenewsAt, IReadOnlyList<string> Names);
