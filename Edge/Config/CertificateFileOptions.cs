namespace Edge.Config;

/// <summary>A certificate in a file, and where its key is.</summary>
internal sealed record CertificateFileOptions
{
    /// <summary>The certificate, and those that vouch for it, as PEM.</summary>
    public string File { get; set; } = "";

    /// <summary>Its key as PEM; empty if the key is in the same file.</summary>
    public string Key { get; set; } = "";
}
