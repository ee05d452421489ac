namespace Edge.Fleet;

/// <summary>Another weight for some of the members; it waits for nothing.</summary>
internal sealed class WeighOperation(IReadOnlyList<string> names, int weight) : FleetOperation(names.Count, names)
{
    internal int Weight { get; } = weight;
}
