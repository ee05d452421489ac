namespace Edge.Fleet;

/// <summary>What a call that changes the fleet came to.</summary>
/// <param name="Running">The replicas that run now, in natural order.</param>
/// <param name="Refusal">Null where it did what was asked.</param>
/// <param name="Drained">Of a removal, what became of the requests of each replica.</param>
internal sealed record FleetAnswer(IReadOnlyList<string> Running, CallRefusal? Refusal, IReadOnlyList<DrainReceipt> Drained);
