using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace Edge.Config;

/// <summary>
/// Everything that can be set: what belongs to the process, and its one service. <see cref="OptionsCatalog"/> says what each key means and allows.
/// </summary>
internal sealed record EdgeOptions : ServiceOptions
{
    // What texts say, parsed as they are set. Methods give them, since the binder would take properties for options.
    private IPEndPoint _listen;
    private (uint User, uint[] Groups)? _user;

    // By the setter: what the text says is set with it.
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

    /// <summary>Where clients come in: what <see cref="Listen"/> says.</summary>
    internal IPEndPoint ListenEndpoint() => _listen;

    /// <summary>Where the balancer's own paths are, or null where they are beside the forwarded ones.</summary>
    internal IPEndPoint? ControlEndpoint() => _listen.Equals(Control.Endpoint()) ? null : Control.Endpoint();

    /// <summary>Whom <see cref="User"/> names, and the groups; null where it is empty.</summary>
    internal (uint User, uint[] Groups)? Identity() => _user;

    /// <summary>Event loops, never 0: where the options leave it open, one a processor.</summary>
    internal int LoopCount() => Loops > 0 ? Loops : Math.Min(Environment.ProcessorCount, Edge.Config.Limits.Loops);
}
