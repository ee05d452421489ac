namespace Edge.Control;

/// <summary>Figures of the time between two notes of <see cref="LastMinute"/>. Small, since many are kept.</summary>
/// <param name="RequestsPerSecond">Requests that ended.</param>
/// <param name="ErrorsPerSecond">Of clients, those with a status of 500 or more, or whose response was cut; of a replica, attempts that it failed.</param>
/// <param name="InFlight">Requests under way at the end of the time.</param>
/// <param name="P50">Half of the requests took no longer, in seconds; not a number if there were none.</param>
/// <param name="P99">The same of 99 %.</param>
internal readonly record struct HistoryPoint(float RequestsPerSecond, float ErrorsPerSecond, float InFlight, float P50, float P99);
