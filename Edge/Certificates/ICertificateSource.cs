namespace Edge.Certificates;

/// <summary>Where certificates come from. All members may be called from any thread.</summary>
internal interface ICertificateSource
{
    /// <summary>Its certificates now, those that count most first. The list does not change; another one takes its place.</summary>
    IReadOnlyList<CertificateEntry> Current { get; }

    /// <summary>What should be a certificate and is none, so that none can be shown.</summary>
    IReadOnlyList<CertificateFault> Faults => [];

    /// <summary><see cref="Current"/> or <see cref="Faults"/> is another list now. A certificate that is not in the new one is freed by who listens.</summary>
    event Action? Changed;
}
