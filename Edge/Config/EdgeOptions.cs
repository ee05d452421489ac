using System.Net;

namespace Edge.Config;

/// <summary>
/// All options: those of the process, and those of its one service. <see cref="OptionsCatalog"/> says what each key means and allows.
/// </summary>
internal sealed record EdgeOptions : ServiceOptions
{
    // The parsed texts. Methods return them, because the binder would take properties for options.
    private (uint User, uint[] Groups)? _user;

    /// <summary>One or more addresses, separated by commas.</summary>
    public string Listen
    {
        get;
        set
        {
            OptionValues.Require(value, OptionValues.ParseListen(value));
            field = value;
        }
    } = "127.0.0.1:5000";

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

    public TlsOptions Tls { get; set; } = new();

    /// <summary>The services beside the default one, whose options are these.</summary>
    internal IReadOnlyList<NamedServiceOptions> Services { get; init; } = [];

    /// <summary>
    /// What a service has that labels of containers name, but for its name and its routes; null where labels name none (Edge:Services:FromLabels).
    /// </summary>
    internal NamedServiceOptions? Labelled { get; init; }

    /// <summary>Where clients connect: the parsed <see cref="Listen"/>, one at least.</summary>
    internal IReadOnlyList<ListenAddress> ListenAddresses() => OptionValues.ParseListen(Listen)!;

    /// <summary>Where the balancer's own paths are; null if they are beside the forwarded ones.</summary>
    internal IPEndPoint? ControlEndpoint() => ListenAddresses().Any(address => address.Endpoint.Equals(Control.Endpoint())) ? null : Control.Endpoint();

    /// <summary>Whether the balancer's own paths are served beside the forwarded ones at this address of <see cref="Listen"/>.</summary>
    internal bool ServesControl(ListenAddress address) => Control.Endpoint() is not { } control || control.Equals(address.Endpoint);

    /// <summary>Every address at which the process listens.</summary>
    internal IEnumerable<IPEndPoint> Endpoints() =>
        ListenAddresses().Select(address => address.Endpoint).Concat(ControlEndpoint() is { } control ? [control] : []);

    /// <summary>Whether certificates come from an authority: names are given for that, or the hosts of services are such names.</summary>
    internal bool HasAuthority() => Tls.Acme.Hosts.Length > 0
        || (CertifiesRoutes() && (Labelled is not null || Services.Any(service => service.CertificateHosts().Any())));

    /// <summary>Whether the hosts of services get certificates from an authority by themselves.</summary>
    internal bool CertifiesRoutes() => Tls.Acme is { FromRoutes: true, AgreeToTerms: true } && ListenAddresses().Any(address => address.IsTls);

    /// <summary>The user and the groups of <see cref="User"/>; null if it is empty.</summary>
    internal (uint User, uint[] Groups)? Identity() => _user;

    /// <summary>The number of event loops, never 0: if the options do not say it, one for each processor.</summary>
    internal int LoopCount() => Loops > 0 ? Loops : Math.Min(Environment.ProcessorCount, Edge.Config.Limits.Loops);
}
