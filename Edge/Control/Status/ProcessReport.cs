namespace Edge.Control;

/// <summary>The process of the balancer.</summary>
/// <param name="Pid">Its number.</param>
/// <param name="UptimeSeconds">Since it began to serve.</param>
/// <param name="ManagedBytes">Managed memory in use.</param>
/// <param name="Collections">Garbage collections so far, by generation.</param>
internal sealed record ProcessReport(int Pid, double UptimeSeconds, long ManagedBytes, IReadOnlyList<int> Collections);
