namespace Edge.Config;

/// <summary>When a replica is taken out for what its requests have shown.</summary>
internal sealed record EjectionOptions
{
    public int Failures { get; set; } = 5;

    public bool Status5xx { get; set; }

    public TimeSpan BaseTime { get; set; } = TimeSpan.FromSeconds(5);

    public TimeSpan MaxTime { get; set; } = TimeSpan.FromMinutes(5);

    public int MaxPercent { get; set; } = 50;

    /// <summary>How long a replica is out for the how-manieth time in a row, 1 or more.</summary>
    internal TimeSpan TimeOut(int times) => BaseTime * times < MaxTime ? BaseTime * times : MaxTime;

    /// <summary>Whether one more of so many members may be out.</summary>
    internal bool MayEject(int ejected, int members) => (ejected + 1) * 100 <= MaxPercent * members;
}
