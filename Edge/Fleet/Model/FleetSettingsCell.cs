namespace Edge.Fleet;

/// <summary>The settings that hold now: the actor swaps them, and work that is under way elsewhere reads them.</summary>
internal sealed class FleetSettingsCell(FleetSettings first)
{
    private FleetSettings _current = first;

    internal FleetSettings Current
    {
        get => Volatile.Read(ref _current);
        set => Volatile.Write(ref _current, value);
    }
}
