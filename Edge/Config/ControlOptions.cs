using System.Net;

namespace Edge.Config;

/// <summary>The balancer's own paths.</summary>
internal sealed record ControlOptions
{
    private IPEndPoint? _endpoint;

    public string Listen
    {
        get;
        set => (field, _endpoint) = (value, value.Length == 0 ? null : OptionValues.Require(value, OptionValues.ParseEndpoint(value)));
    } = "";

    public string Token { get; set; } = "";

    public string[] Hosts { get; set; } = [];

    public bool Drill { get; set; }

    /// <summary>The parsed <see cref="Listen"/>; null if it is empty.</summary>
    internal IPEndPoint? Endpoint() => _endpoint;
}
