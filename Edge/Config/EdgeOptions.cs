using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace Edge.Config;

/// <summary>
/// All options: those of the process, and those of its one service. <see cref="OptionsCatalog"/> says what each key means and allows.
/// </summary>
internal sealed record EdgeOptions : ServiceOptions
{
    // The parsed texts. Methods return them, because the binder would take properties for options.
    private IPEndPoint _listen;
    private (uint User, uint[] Groups)? _user;

    // By the setter, which also sets the parsed text.
    public EdgeOptions() => Listen = "127.0.0.1:5000";

    public string Listen
    {
        get;
        [MemberNotNull(nameof(_listen))]
        set => (field, _listen) = (value, OptionValues.Require(value, OptionValues.ParseEndpoint(value)));
    }

    public int Loops { get; set; }

    public bool IoUring { get; set; } = true;

    public string User
    {
        get;
        set => (field, _user) = (value, value.Length == 0 ? null : OptionValues.Require(value, OptionValues.ParseUser(value)));
    } = "";

    public ControlOptions Control { get; set; } = new();

    public ProxyProtocolOptions ProxyProtocol { get; set; } = new();

    public AccessLogOptions AccessLog { get; set; } = new();

    /// <summary>Where clients connect: the parsed <see cref="Listen"/>.</summary>
    internal IPEndPoint ListenEndpoint() => _listen;

    /// <summary>Where the balancer's own paths are; null if they are beside the forwarded ones.</summary>
    internal IPEndPoint? ControlEndpoint() => _listen.Equals(Control.Endpoint()) ? null : Control.Endpoint();

    /// <summary>The user and the groups of <see cref="User"/>; null if it is empty.</summary>
    internal (uint User, uint[] Groups)? Identity() => _user;

    /// <summary>The number of event loops, never 0: if the options do not say it, one for each processor.</summary>
    internal int LoopCount() => Loops > 0 ? Loops : Math.Min(Environment.ProcessorCount, Edge.Config.Limits.Loops);
}
