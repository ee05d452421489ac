namespace Edge.Config;

/// <summary>
/// What can be set of one service: its replicas, and how requests get to them. These records are the settings themselves: what
/// holds is what their properties say, and their initial values are the only defaults there are.
/// </summary>
/// <remarks>
/// The binder needs properties that can be set, so nothing but it and initializers may do that: once they are loaded, options are
/// read by several threads. Others are made by <c>with</c>.
/// </remarks>
internal record ServiceOptions
{
    public TimeoutOptions Timeouts { get; set; } = new();

    public FleetOptions Fleet { get; set; } = new();

    public DockerOptions Docker { get; set; } = new();

    public HealthOptions Health { get; set; } = new();

    public EjectionOptions Ejection { get; set; } = new();

    public OverloadOptions Overload { get; set; } = new();

    public RetryOptions Retries { get; set; } = new();

    public ForwardingOptions Forwarding { get; set; } = new();

    public LimitOptions Limits { get; set; } = new();
}
