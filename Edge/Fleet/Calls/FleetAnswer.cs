namespace Edge.Fleet;

/// <summary>The answer to a call that changes the fleet.</summary>
/// <param name="Running">The replicas that run now, in natural order.</param>
/// <param name="Refusal">Null if the call was carried out.</param>
/// <param name="Drained">After a removal, what became of the requests of each replica.</param>
internal sealed record FleetAnswer(IReadOnlyList<string> Running, CallRefusal? Refusal, IReadOnlyList<DrainReceipt> Drained);
