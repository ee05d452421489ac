namespace Edge.Config;

/// <summary>TLS at the addresses that clients come to: which certificates they get to see, and which they have to show.</summary>
internal sealed record TlsOptions
{
    public CertificateFileOptions[] Certificates { get; set; } = [];

    public string Folder { get; set; } = "";

    public UnknownNamesRule UnknownNames { get; set; } = UnknownNamesRule.Default;

    public ClientCertificatesRule ClientCertificates { get; set; } = ClientCertificatesRule.None;

    public string ClientAuthorities { get; set; } = "";
}
