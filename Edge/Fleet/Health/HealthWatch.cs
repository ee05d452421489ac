namespace Edge.Fleet;

/// <summary>Checks one replica until it is cancelled, and reports each verdict with the reason of the last failure.</summary>
internal delegate Task HealthWatch(ObservedReplica replica, Action<HealthVerdict, string> report, CancellationToken cancellation);
