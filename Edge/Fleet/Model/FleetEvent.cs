namespace Edge.Fleet;

/// <summary>A change of the fleet.</summary>
/// <param name="Kind">What is different.</param>
/// <param name="Replica">The replica after the change, of one that was removed as it was last; null where all are meant.</param>
/// <param name="Was">Its state before, where that is what changed.</param>
/// <param name="Why">What led to it; null where there is nothing to say.</param>
internal sealed record FleetEvent(FleetEventKind Kind, ReplicaSnapshot? Replica, ReplicaState? Was, string? Why);
