using System.Runtime.CompilerServices;

namespace Edge.Telemetry;

/// <summary>Keeps the data that one thread writes apart from the cache lines of its neighbours.</summary>
[InlineArray(8)]
internal struct CacheLine
{
    private long _first;
}
