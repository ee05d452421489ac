using System.Net;

namespace Edge.Config;

/// <summary>What the balancer adds to messages, and leaves out of them.</summary>
internal sealed record ForwardingOptions
{
    private IPNetwork[] _trustedNetworks = [];

    public bool NameReplica { get; set; } = true;

    public bool FinishAbandoned { get; set; } = true;

    public TimeSpan HalfCloseGrace { get; set; } = TimeSpan.FromSeconds(5);

    public int ConnectStatus { get; set; } = 405;

    public string Via { get; set; } = "edge";

    public bool ViaToReplicas { get; set; }

    public UnderscoreRule Underscores { get; set; } = UnderscoreRule.Pass;

    public RequestIdRule RequestId { get; set; } = RequestIdRule.Pass;

    public bool StartTraces { get; set; }

    public string[] TrustedProxies
    {
        get;
        set => (field, _trustedNetworks) = (value, [.. value.Select(text => IPNetwork.Parse(text))]);
    } = [];

    /// <summary>The parsed <see cref="TrustedProxies"/>.</summary>
    internal IReadOnlyList<IPNetwork> TrustedNetworks() => _trustedNetworks;
}
