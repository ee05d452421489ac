namespace Edge.Telemetry;

/// <summary>What one event loop has counted since the start.</summary>
/// <param name="Loop">Its number, from 0.</param>
/// <param name="Turns">How often it waited for events.</param>
/// <param name="Connections">Clients' connections that are open now.</param>
/// <param name="Requests">Requests that were forwarded or answered.</param>
/// <param name="AllocatedBytes">Managed memory that its thread has allocated.</param>
/// <param name="Waiting">Requests that wait for room now.</param>
/// <param name="Waited">Requests that had to wait.</param>
/// <param name="WaitedMilliseconds">How long, all together.</param>
/// <param name="TurnedAway">Requests for which there was no room, nor any to wait.</param>
/// <param name="RefusedConnections">Connections beyond a limit.</param>
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
    /// <summary>Whether it sends to many connections by one call.</summary>
    public bool IoUring { get; init; }

    /// <summary>How much of its time it has had something to do of late, 0 to 1.</summary>
    public double BusyShare { get; init; }
}
