using System.Net;

namespace Edge.Config;

/// <summary>
/// Everything that can be set, as the binder fills it in; <see cref="OptionsCatalog"/> says what each key means and
/// allows. Written once while it is bound and only read afterwards.
/// </summary>
internal sealed record EdgeOptions
{
    public string Listen { get; set; } = "127.0.0.1:5000";

    public int Loops { get; set; }

    public bool IoUring { get; set; } = true;

    public string User { get; set; } = "";

    public ControlOptions Control { get; set; } = new();

    public TimeoutOptions Timeouts { get; set; } = new();

    public FleetOptions Fleet { get; set; } = new();

    public DockerOptions Docker { get; set; } = new();

    public HealthOptions Health { get; set; } = new();

    public EjectionOptions Ejection { get; set; } = new();

    public OverloadOptions Overload { get; set; } = new();

    public RetryOptions Retries { get; set; } = new();

    public ForwardingOptions Forwarding { get; set; } = new();

    public ProxyProtocolOptions ProxyProtocol { get; set; } = new();

    public LimitOptions Limits { get; set; } = new();

    public AccessLogOptions AccessLog { get; set; } = new();

    /// <summary>Where clients come in. Only for options that passed the checks.</summary>
    internal IPEndPoint ListenEndpoint() => OptionValues.ParseEndpoint(Listen)!;

    /// <summary>Where the balancer's own paths are, or null where they are beside the forwarded ones.</summary>
    internal IPEndPoint? ControlEndpoint()
    {
        IPEndPoint? control = Control.Listen.Length == 0 ? null : OptionValues.ParseEndpoint(Control.Listen);
        return control is null || control.Equals(ListenEndpoint()) ? null : control;
    }

    /// <summary>Event loops, never 0: where the options leave it open, one a processor.</summary>
    internal int LoopCount() => Loops > 0 ? Loops : Math.Min(Environment.ProcessorCount, Edge.Config.Limits.Loops);
}
