namespace Edge.Config;

/// <summary>Proxies that say whose connection they pass on.</summary>
internal sealed record ProxyProtocolOptions
{
    public string[] From { get; set; } = [];
}
