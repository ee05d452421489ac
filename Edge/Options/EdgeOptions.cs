using System.Net;

namespace Edge.Options;

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
    internal int LoopCount() => Loops > 0 ? Loops : Math.Min(Environment.ProcessorCount, Edge.Options.Limits.Loops);
}

/// <summary>The balancer's own paths.</summary>
internal sealed record ControlOptions
{
    public string Listen { get; set; } = "";

    public string Token { get; set; } = "";

    public string[] Hosts { get; set; } = [];

    public bool Drill { get; set; }
}

/// <summary>How long each step may take.</summary>
internal sealed record TimeoutOptions
{
    public TimeSpan RequestHead { get; set; } = TimeSpan.FromSeconds(10);

    public TimeSpan ResponseHead { get; set; } = TimeSpan.FromMinutes(1);

    public TimeSpan Connect { get; set; } = TimeSpan.FromSeconds(2);

    public TimeSpan Drain { get; set; } = TimeSpan.FromSeconds(30);

    public TimeSpan ClientIdle { get; set; } = TimeSpan.FromSeconds(75);

    public TimeSpan PoolIdle { get; set; } = TimeSpan.FromSeconds(4);

    public TimeSpan BodyIdle { get; set; } = TimeSpan.FromMinutes(1);

    public TimeSpan BodyGrace { get; set; } = TimeSpan.FromSeconds(10);

    public TimeSpan Request { get; set; }

    public TimeSpan Tunnel { get; set; } = TimeSpan.FromHours(1);

    public TimeSpan Start { get; set; } = TimeSpan.FromSeconds(30);

    public TimeSpan Stop { get; set; } = TimeSpan.FromSeconds(10);
}

/// <summary>Who runs the replicas.</summary>
internal enum FleetDriver
{
    /// <summary>The balancer chooses, and says why.</summary>
    Auto,

    /// <summary>Containers of a Docker engine.</summary>
    Docker,

    /// <summary>Child processes of the balancer.</summary>
    Process,

    /// <summary>Somebody else: the addresses are in the options.</summary>
    Static,
}

/// <summary>Which replica a request goes to.</summary>
internal enum FleetPick
{
    /// <summary>Each in turn, by weight.</summary>
    RoundRobin,

    /// <summary>The one that has the least to do for its weight; of those that are equal, each in turn, by weight.</summary>
    LessLoaded,
}

/// <summary>The replicas and how many there are.</summary>
internal sealed record FleetOptions
{
    public string Name { get; set; } = "edge";

    public FleetDriver Driver { get; set; } = FleetDriver.Auto;

    public int Replicas { get; set; } = 3;

    public int Minimum { get; set; }

    public int Maximum { get; set; } = 256;

    public TimeSpan SlowStart { get; set; } = TimeSpan.FromSeconds(10);

    public FleetPick Pick { get; set; } = FleetPick.LessLoaded;

    public string[] Addresses { get; set; } = [];
}

/// <summary>The containers that the balancer makes, and where it looks for others.</summary>
internal sealed record DockerOptions
{
    public string Network { get; set; } = "load_balancer_network";

    public string[] Networks { get; set; } = [];

    public string Image { get; set; } = "";

    public string[] EntryPoint { get; set; } = [];

    public string[] Command { get; set; } = [];

    public string[] Environment { get; set; } = [];

    public string EnvFile { get; set; } = "";

    public string[] Labels { get; set; } = [];

    public string User { get; set; } = "";

    public string[] Volumes { get; set; } = [];

    public int Port { get; set; }

    public TimeSpan StopTimeout { get; set; }

    public int MemoryMiB { get; set; }

    public int CpuPercent { get; set; }

    public int Processes { get; set; } = 4096;

    public bool ReadOnly { get; set; }

    public bool NoNewPrivileges { get; set; } = true;

    public string[] KeepCapabilities { get; set; } = [];

    public bool Pull { get; set; }

    /// <summary>What <see cref="EnvFile"/> says, NAME=value each, as it was read at the start.</summary>
    internal IReadOnlyList<string> FileEnvironment { get; set; } = [];
}

/// <summary>How a replica is asked whether it is well.</summary>
internal sealed record HealthOptions
{
    public string Path { get; set; } = "";

    public string Host { get; set; } = "";

    public string Statuses { get; set; } = "";

    public bool Off { get; set; }

    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(2);

    public TimeSpan StartInterval { get; set; } = TimeSpan.FromMilliseconds(250);

    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(1);

    public int Rise { get; set; } = 2;

    public int Fall { get; set; } = 3;

    public TimeSpan Patience { get; set; } = TimeSpan.FromSeconds(30);

    public bool Restart { get; set; }

    public bool Panic { get; set; } = true;
}

/// <summary>When a replica is taken out for what its requests have shown.</summary>
internal sealed record EjectionOptions
{
    public int Failures { get; set; } = 5;

    public bool Status5xx { get; set; }

    public TimeSpan BaseTime { get; set; } = TimeSpan.FromSeconds(5);

    public TimeSpan MaxTime { get; set; } = TimeSpan.FromMinutes(5);

    public int MaxPercent { get; set; } = 50;
}

/// <summary>How much is let through at a time; 0 is no limit.</summary>
internal sealed record OverloadOptions
{
    public int InFlight { get; set; }

    public int PerReplica { get; set; } = 4096;

    public int Queue { get; set; } = 8192;

    public TimeSpan QueueWait { get; set; } = TimeSpan.FromSeconds(5);

    public int Connections { get; set; }

    public int ConnectionsPerClient { get; set; }
}

/// <summary>When a request that a replica failed is sent to another one.</summary>
internal sealed record RetryOptions
{
    public int Attempts { get; set; } = 3;

    public TimeSpan Within { get; set; } = TimeSpan.FromSeconds(10);

    public int BudgetPercent { get; set; } = 20;

    public int BudgetPerSecond { get; set; } = 10;

    public int[] Statuses { get; set; } = [];
}

/// <summary>How the access log looks.</summary>
internal enum AccessLogFormat
{
    Off,
    Json,
    Combined,
}

/// <summary>One line a request.</summary>
internal sealed record AccessLogOptions
{
    public AccessLogFormat Format { get; set; } = AccessLogFormat.Off;

    public string File { get; set; } = "";

    public int Sample { get; set; } = 1;
}

/// <summary>What becomes of X-Request-ID.</summary>
internal enum RequestIdRule
{
    Pass,
    Make,
    Replace,
}

/// <summary>What becomes of fields with an underscore in their names.</summary>
internal enum UnderscoreRule
{
    Pass,
    Remove,
}

/// <summary>What forwarding adds to a message.</summary>
internal sealed record ForwardingOptions
{
    public bool NameReplica { get; set; } = true;

    public bool FinishAbandoned { get; set; } = true;

    public TimeSpan HalfCloseGrace { get; set; } = TimeSpan.FromSeconds(5);

    public int ConnectStatus { get; set; } = 405;

    public string Via { get; set; } = "edge";

    public bool ViaToReplicas { get; set; }

    public UnderscoreRule Underscores { get; set; } = UnderscoreRule.Pass;

    public RequestIdRule RequestId { get; set; } = RequestIdRule.Pass;

    public bool StartTraces { get; set; }

    public string[] TrustedProxies { get; set; } = [];
}

/// <summary>Proxies that say whose connection they pass on.</summary>
internal sealed record ProxyProtocolOptions
{
    public string[] From { get; set; } = [];
}

/// <summary>What one client's connection may ask; 0 is no limit.</summary>
internal sealed record LimitOptions
{
    public int HeadBytes { get; set; } = Limits.HeadBytes;

    public int HeaderFields { get; set; } = Limits.HeaderFields;

    public int TargetBytes { get; set; } = Limits.TargetBytes;

    public int BodyKiB { get; set; }

    public int BodyBytesPerSecond { get; set; } = 240;

    public int RequestsPerConnection { get; set; }

    public int Pipelined { get; set; } = 128;
}
