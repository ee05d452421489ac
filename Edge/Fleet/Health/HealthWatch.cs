namespace Edge.Fleet;

/// <summary>Checks one replica until it is cancelled, and reports each verdict, with the last failure's reason.</summary>
internal delegate Task HealthWatch(ObservedReplica replica, Action<HealthVerdict, string> report, CancellationToken cancellation);
