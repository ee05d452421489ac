namespace Edge.Observability;

/// <summary>What one event loop has counted since the start.</summary>
/// <param name="Loop">Its number, from 0.</param>
/// <param name="Turns">How often it waited for events.</param>
/// <param name="Connections">Clients' connections that are open now.</param>
/// <param name="Requests">Requests that were forwarded or answered.</param>
/// <param name="AllocatedBytes">Managed memory that its thread has allocated.</param>
internal sealed record LoopReport(int Loop, long Turns, long Connections, long Requests, long AllocatedBytes);
