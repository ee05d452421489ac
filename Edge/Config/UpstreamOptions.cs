namespace Edge.Config;

/// <summary>How replicas are spoken to.</summary>
internal sealed record UpstreamOptions
{
    public UpstreamTlsOptions Tls { get; set; } = new();
}
