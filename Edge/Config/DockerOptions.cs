namespace Edge.Config;

/// <summary>The containers that the balancer makes, and the network on which it finds others.</summary>
internal sealed record DockerOptions
{
    private NetworkAlias[] _joined = [];
    private VolumeMount[] _mounts = [];

    public string Network { get; set; } = "load_balancer_network";

    public string[] Networks
    {
        get;
        set => (field, _joined) = (value, [.. value.Select(text => OptionValues.Require(text, DockerValues.ParseNetwork(text)))]);
    } = [];

    public string Image { get; set; } = "";

    public string[] EntryPoint { get; set; } = [];

    public string[] Command { get; set; } = [];

    public string[] Environment { get; set; } = [];

    public string EnvFile { get; set; } = "";

    public string[] Labels { get; set; } = [];

    public string User { get; set; } = "";

    public string[] Volumes
    {
        get;
        set => (field, _mounts) = (value, [.. value.Select(text => OptionValues.Require(text, DockerValues.ParseVolume(text)))]);
    } = [];

    public int Port { get; set; }

    public Scheme Scheme { get; set; } = Scheme.Http;

    public TimeSpan StopTimeout { get; set; }

    public int MemoryMiB { get; set; }

    public int CpuPercent { get; set; }

    public int Processes { get; set; } = 4096;

    public bool ReadOnly { get; set; }

    public bool NoNewPrivileges { get; set; } = true;

    public string[] KeepCapabilities { get; set; } = [];

    public bool Pull { get; set; }

    /// <summary>The variables of <see cref="EnvFile"/> as NAME=value, as they were read when the service began.</summary>
    internal IReadOnlyList<string> FileEnvironment { get; init; } = [];

    /// <summary>The parsed <see cref="Networks"/>.</summary>
    internal IReadOnlyList<NetworkAlias> Joined() => _joined;

    /// <summary>The parsed <see cref="Volumes"/>.</summary>
    internal IReadOnlyList<VolumeMount> Mounts() => _mounts;
}
