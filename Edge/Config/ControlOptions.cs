namespace Edge.Config;

/// <summary>The balancer's own paths.</summary>
internal sealed record ControlOptions
{
    public string Listen { get; set; } = "";

    public string Token { get; set; } = "";

    public string[] Hosts { get; set; } = [];

    public bool Drill { get; set; }
}
