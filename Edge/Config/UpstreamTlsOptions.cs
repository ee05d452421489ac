namespace Edge.Config;

/// <summary>TLS to replicas: which of them are believed.</summary>
internal sealed record UpstreamTlsOptions
{
    public string Roots { get; set; } = "";

    public string ServerName { get; set; } = "";

    public bool Verify { get; set; } = true;
}
