namespace Edge.Fleet;

/// <summary>When replicas are taken out for what requests find out about them.</summary>
/// <param name="Failures">In a row, as one loop counts them, until a replica is ejected; 0 for never.</param>
/// <param name="BaseTime">How long it is out at first; each further time one more of it.</param>
/// <param name="MaxTime">How long at most.</param>
/// <param name="MaxPercent">How many of the members may be out for this at one time.</param>
internal sealed record EjectionSettings(int Failures, TimeSpan BaseTime, TimeSpan MaxTime, int MaxPercent)
{
    internal static readonly EjectionSettings Off = new(0, TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(5), 50);

    /// <summary>For the how-manieth time in a row, 1 or more, it is out how long.</summary>
    internal TimeSpan TimeOut(int times) => BaseTime * times < MaxTime ? BaseTime * times : MaxTime;

    /// <summary>Whether one more of so many members may be out.</summary>
    internal bool MayEject(int ejected, int members) => (ejected + 1) * 100 <= MaxPercent * members;
}
