namespace Edge.Config;

/// <summary>How a new version takes the place of the old one.</summary>
internal sealed record DeployOptions
{
    public int Canary { get; set; } = 10;

    public TimeSpan Judge { get; set; } = TimeSpan.FromMinutes(1);

    public UndecidedRule Undecided { get; set; } = UndecidedRule.Promote;

    public CanaryBy By { get; set; } = CanaryBy.Client;

    public int Surge { get; set; }

    public TimeSpan Bake { get; set; } = TimeSpan.FromSeconds(30);

    public TimeSpan Keep { get; set; } = TimeSpan.FromMinutes(10);

    public string[] Smoke { get; set; } = [];
}
