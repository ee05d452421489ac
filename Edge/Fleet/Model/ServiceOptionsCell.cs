using Edge.Config;

namespace Edge.Fleet;

/// <summary>The present options of the service: the actor swaps them, and work on other threads reads them.</summary>
internal sealed class ServiceOptionsCell(ServiceOptions first)
{
    private ServiceOptions _current = first;

    internal ServiceOptions Current
    {
        get => Volatile.Read(ref _current);
        set => Volatile.Write(ref _current, value);
    }
}
