using System.Runtime.CompilerServices;

namespace Edge.Telemetry;

/// <summary>Keeps what one thread writes off the cache lines of its neighbours.</summary>
[InlineArray(8)]
internal struct CacheLine
{
    private long _first;
}
