namespace Edge.Control;

/// <summary>The result of a drill.</summary>
/// <param name="Replica">The replica that failed.</param>
/// <param name="Fault">The fault.</param>
/// <param name="NoticedMilliseconds">From the fault until the replica was out of rotation; null if it never was.</param>
/// <param name="HealedMilliseconds">From the fault until it was in rotation again; null if that took too long.</param>
/// <param name="Answered">Requests of clients that a replica answered in between.</param>
/// <param name="Retried">Attempts that failed without a client seeing it.</param>
/// <param name="Failed">Requests that failed for their clients.</param>
/// <param name="SlowestMilliseconds">The longest time of a request.</param>
internal sealed record DrillReport(
    string Replica,
    string Fault,
    long? NoticedMilliseconds,
    long? HealedMilliseconds,
    long Answered,
    long Retried,
    long Failed,
    long SlowestMilliseconds);
