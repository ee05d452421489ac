namespace Edge.Config;

/// <summary>The replicas and how many there are.</summary>
internal sealed record FleetOptions
{
    private StaticAddress[] _servers = [];

    public string Name { get; set; } = "edge";

    public FleetDriver Driver { get; set; } = FleetDriver.Auto;

    public int Replicas { get; set; } = 3;

    public int Minimum { get; set; }

    public int Maximum { get; set; } = 256;

    public TimeSpan SlowStart { get; set; } = TimeSpan.FromSeconds(10);

    public FleetPick Pick { get; set; } = FleetPick.LessLoaded;

    public string[] Addresses
    {
        get;
        set => (field, _servers) = (value, [.. value.Select(text => OptionValues.Require(text, OptionValues.ParseAddress(text)))]);
    } = [];

    /// <summary>What <see cref="Addresses"/> says.</summary>
    internal IReadOnlyList<StaticAddress> Servers() => _servers;
}
