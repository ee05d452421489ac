namespace Edge.Fleet;

/// <summary>A call of /edge/scale: other bounds, which hold as long as this process runs. It waits for nothing.</summary>
/// <param name="minimum">So many there are in any case; null for as many as before.</param>
/// <param name="maximum">So many there are at most; 0 for a size that does not follow the load; null for as many as before.</param>
internal sealed class ScaleOperation(int? minimum, int? maximum) : FleetOperation(0, [])
{
    internal int? Minimum { get; } = minimum;

    internal int? Maximum { get; } = maximum;
}
