namespace Edge.Certificates;

/// <summary>The files of one certificate.</summary>
/// <param name="File">The certificate, and those that vouch for it.</param>
/// <param name="Key">Its key; the same file if it has both.</param>
/// <param name="IsNamed">Whether an option names it. If it is missing, that is a fault; a file of a folder is just gone.</param>
internal sealed record CertificatePair(string File, string Key, bool IsNamed);
