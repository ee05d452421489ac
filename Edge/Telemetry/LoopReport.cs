namespace Edge.Telemetry;

/// <summary>What one event loop has counted since the start.</summary>
/// <param name="Loop">Its number, from 0.</param>
/// <param name="Turns">How often it waited for events.</param>
/// <param name="Connections">Client connections that are open now.</param>
/// <param name="Requests">Requests that were forwarded or answered.</param>
/// <param name="AllocatedBytes">Managed memory that its thread has allocated.</param>
/// <param name="Waiting">Requests that wait in the queue now.</param>
/// <param name="Waited">Requests that had to wait.</param>
/// <param name="WaitedMilliseconds">How long they waited, all together.</param>
/// <param name="TurnedAway">Requests that were refused because the queue was full.</param>
/// <param name="RefusedConnections">Connections that were refused because of a limit.</param>
internal sealed record LoopReport(
    int Loop,
    long Turns,
    long Connections,
    long Requests,
    long AllocatedBytes,
    long Waiting,
    long Waited,
    long WaitedMilliseconds,
    long TurnedAway,
    long RefusedConnections)
{
    /// <summary>Whether it sends to many connections by one call (io_uring).</summary>
    public bool IoUring { get; init; }

    /// <summary>The share of its time in which it had something to do lately, 0 to 1.</summary>
    public double BusyShare { get; init; }
}
