namespace Edge.Certificates;

/// <summary>What should be a certificate and is none.</summary>
/// <param name="Source">Where it should come from: the path of a file or folder.</param>
/// <param name="Why">Why there is none.</param>
internal sealed record CertificateFault(string Source, string Why);
