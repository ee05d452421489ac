using Edge.Config;

namespace Edge.Fleet;

/// <summary>The options of the service that hold now: the actor swaps them, and work that is under way elsewhere reads them.</summary>
internal sealed class ServiceOptionsCell(ServiceOptions first)
{
    private ServiceOptions _current = first;

    internal ServiceOptions Current
    {
        get => Volatile.Read(ref _current);
        set => Volatile.Write(ref _current, value);
    }
}
