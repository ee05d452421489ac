using System.Runtime.CompilerServices;

namespace Edge.Telemetry;

/// <summary>How often TLS failed, by <see cref="Io.TlsFailure"/>.</summary>
[InlineArray(TlsFailures.Count)]
internal struct TlsFailureCounts
{
    private long _first;
}
