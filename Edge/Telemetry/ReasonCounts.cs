using System.Runtime.CompilerServices;

namespace Edge.Telemetry;

/// <summary>How often for which reason.</summary>
[InlineArray(Reasons.Count)]
internal struct ReasonCounts
{
    private long _first;
}
