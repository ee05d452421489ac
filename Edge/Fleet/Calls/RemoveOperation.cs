namespace Edge.Fleet;

/// <summary>A removal waits for each member to be gone.</summary>
internal sealed class RemoveOperation(int count, IReadOnlyList<string> names) : FleetOperation(count, names);
