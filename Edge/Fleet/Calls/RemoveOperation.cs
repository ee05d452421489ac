namespace Edge.Fleet;

/// <summary>A call of /rm. It waits until each member is gone.</summary>
internal sealed class RemoveOperation(int count, IReadOnlyList<string> names) : FleetOperation(count, names);
