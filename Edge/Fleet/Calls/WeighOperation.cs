namespace Edge.Fleet;

/// <summary>A call of /edge/weight. It waits for nothing.</summary>
internal sealed class WeighOperation(IReadOnlyList<string> names, int weight) : FleetOperation(names.Count, names)
{
    internal int Weight { get; } = weight;
}
