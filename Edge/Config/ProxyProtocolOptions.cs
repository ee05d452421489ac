using System.Net;

namespace Edge.Config;

/// <summary>Proxies that say whose connection they pass on.</summary>
internal sealed record ProxyProtocolOptions
{
    private IPNetwork[] _networks = [];

    public string[] From
    {
        get;
        set => (field, _networks) = (value, [.. value.Select(text => IPNetwork.Parse(text))]);
    } = [];

    /// <summary>What <see cref="From"/> says.</summary>
    internal IReadOnlyList<IPNetwork> Networks() => _networks;
}
