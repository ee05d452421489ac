namespace Edge.Fleet;

/// <summary>A change of the fleet.</summary>
/// <param name="Kind">The kind of the change.</param>
/// <param name="Replica">The replica after the change; a removed one as it was last; null if the event is about all replicas.</param>
/// <param name="Was">Its state before, if the state changed.</param>
/// <param name="Why">The reason; null if there is none.</param>
internal sealed record FleetEvent(FleetEventKind Kind, ReplicaSnapshot? Replica, ReplicaState? Was, string? Why);
