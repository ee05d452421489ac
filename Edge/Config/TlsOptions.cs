namespace Edge.Config;

/// <summary>TLS at the addresses that clients come to: which certificates they get to see, and which they have to show.</summary>
internal sealed record TlsOptions
{
    public AcmeOptions Acme { get; set; } = new();

    public CertificateFileOptions[] Certificates { get; set; } = [];

    public string Folder { get; set; } = "";

    public UnknownNamesRule UnknownNames { get; set; } = UnknownNamesRule.Default;

    public ClientCertificatesRule ClientCertificates { get; set; } = ClientCertificatesRule.None;

    public string ClientAuthorities { get; set; } = "";

    /// <summary>off, on, or a port.</summary>
    public string Redirect
    {
        get;
        set
        {
            OptionValues.Require(value, OptionValues.ParseRedirect(value));
            field = value;
        }
    } = "off";

    public TimeSpan Hsts { get; set; }

    public bool HstsSubdomains { get; set; }

    /// <summary>
    /// The parsed <see cref="Redirect"/>: the port at which clients find https; 0 for that of the first listener of https, null for no redirect.
    /// </summary>
    internal int? RedirectPort() => OptionValues.ParseRedirect(Redirect) is >= 0 and var port ? port : null;

    /// <summary>Whether there are files to take certificates from.</summary>
    internal bool NamesFiles() => Certificates.Length > 0 || Folder.Length > 0;
}
