using System.Net;

namespace Edge.Config;

/// <summary>Proxies that name the client in a header of the PROXY protocol.</summary>
internal sealed record ProxyProtocolOptions
{
    private IPNetwork[] _networks = [];

    public string[] From
    {
        get;
        set => (field, _networks) = (value, [.. value.Select(text => IPNetwork.Parse(text))]);
    } = [];

    /// <summary>The parsed <see cref="From"/>.</summary>
    internal IReadOnlyList<IPNetwork> Networks() => _networks;
}
