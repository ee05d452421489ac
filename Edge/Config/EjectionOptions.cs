namespace Edge.Config;

/// <summary>When a replica is ejected because its requests fail.</summary>
internal sealed record EjectionOptions
{
    public int Failures { get; set; } = 5;

    public bool Status5xx { get; set; }

    public TimeSpan BaseTime { get; set; } = TimeSpan.FromSeconds(5);

    public TimeSpan MaxTime { get; set; } = TimeSpan.FromMinutes(5);

    public int MaxPercent { get; set; } = 50;

    /// <summary>How long the ejection lasts that is number <c>times</c> in a row, from 1 on.</summary>
    internal TimeSpan TimeOut(int times) => BaseTime * times < MaxTime ? BaseTime * times : MaxTime;

    /// <summary>Whether one more of the members may be ejected.</summary>
    internal bool MayEject(int ejected, int members) => (ejected + 1) * 100 <= MaxPercent * members;
}
