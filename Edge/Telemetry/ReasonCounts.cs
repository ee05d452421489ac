using System.Runtime.CompilerServices;

namespace Edge.Telemetry;

/// <summary>How often each reason occurred.</summary>
[InlineArray(Reasons.Count)]
internal struct ReasonCounts
{
    private long _first;
}
