namespace Edge.Config;

/// <summary>The replicas and their number.</summary>
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

    /// <summary>The parsed <see cref="Addresses"/>.</summary>
    internal IReadOnlyList<StaticAddress> Servers() => _servers;
}
