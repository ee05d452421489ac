namespace Edge.Config;

/// <summary>
/// The options of one service: its replicas, and how requests get to them. These records are the settings themselves: their properties are the
/// values in force, and their initial values are the only defaults.
/// </summary>
/// <remarks>
/// The binder needs properties with setters. Only the binder and initializers may use them, because several threads read the options
/// once they are loaded. Other values are made by <c>with</c>.
/// </remarks>
internal record ServiceOptions
{
    /// <summary>With what the names begin that the balancer gives to replicas.</summary>
    internal string ReplicaPrefix { get; init; } = "server_";

    /// <summary>Whether a client's requests go to the replica that has answered it before, by a cookie.</summary>
    public bool Sticky { get; set; }

    public TimeoutOptions Timeouts { get; set; } = new();

    public FleetOptions Fleet { get; set; } = new();

    public ScaleOptions Scale { get; set; } = new();

    public DockerOptions Docker { get; set; } = new();

    public UpstreamOptions Upstream { get; set; } = new();

    public HealthOptions Health { get; set; } = new();

    public EjectionOptions Ejection { get; set; } = new();

    public OverloadOptions Overload { get; set; } = new();

    public DeployOptions Deploy { get; set; } = new();

    public RetryOptions Retries { get; set; } = new();

    public ForwardingOptions Forwarding { get; set; } = new();

    public LimitOptions Limits { get; set; } = new();

    public AccessOptions Access { get; set; } = new();

    public AnswerOptions Answers { get; set; } = new();

    /// <summary>
    /// The same for a fleet that had so many replicas before: it has at least as many at its start. That says nothing about how few there may be when their
    /// number follows the load.
    /// </summary>
    internal ServiceOptions WithReplicas(int before)
    {
        int least = Scale.LeastOf(Fleet.Replicas);
        return this with
        {
            Fleet = Fleet with { Replicas = Math.Max(Fleet.Replicas, Math.Min(before, Fleet.Maximum)) },
            Scale = Scale with { Minimum = least.ToString(System.Globalization.CultureInfo.InvariantCulture) },
        };
    }
}
