namespace Edge.Config;

/// <summary>When a replica is taken out for what its requests have shown.</summary>
internal sealed record EjectionOptions
{
    public int Failures { get; set; } = 5;

    public bool Status5xx { get; set; }

    public TimeSpan BaseTime { get; set; } = TimeSpan.FromSeconds(5);

    public TimeSpan MaxTime { get; set; } = TimeSpan.FromMinutes(5);

    public int MaxPercent { get; set; } = 50;
}
