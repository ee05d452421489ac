namespace Edge.Control;

/// <summary>What a drill came to.</summary>
/// <param name="Replica">Which replica failed.</param>
/// <param name="Fault">How.</param>
/// <param name="NoticedMilliseconds">From the fault until the replica was out of rotation; null where it never was.</param>
/// <param name="HealedMilliseconds">From the fault until it was in rotation again; null where that took too long.</param>
/// <param name="Answered">Requests of clients that a replica answered in the meantime.</param>
/// <param name="Retried">Attempts that failed, unseen by the clients.</param>
/// <param name="Failed">Requests that failed for their clients.</param>
/// <param name="SlowestMilliseconds">The longest that a request took.</param>
internal sealed record DrillReport(
    string Replica,
    string Fault,
    long? NoticedMilliseconds,
    long? HealedMilliseconds,
    long Answered,
    long Retried,
    long Failed,
    long SlowestMilliseconds);
