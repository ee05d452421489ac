namespace Edge.Fleet;

/// <summary>A call of /edge/sleep, which waits until no replica runs any more, or of /edge/wake, which waits until one is in rotation.</summary>
/// <param name="wakes">Whether it is the second.</param>
internal sealed class SleepOperation(bool wakes) : FleetOperation(0, [])
{
    internal bool Wakes { get; } = wakes;
}
