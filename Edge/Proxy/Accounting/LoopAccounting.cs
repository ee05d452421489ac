using Edge.Http;
using Edge.Telemetry;

namespace Edge.Proxy;

/// <summary>What the accounting of all requests of one loop shares. Touched by the loop's thread alone.</summary>
/// <param name="loop">Which counts them.</param>
/// <param name="log">Gets the access log; null for none.</param>
internal sealed class LoopAccounting(LoopContext loop, AccessLog? log)
{
    /// <summary>For the ids and traces that are made for requests.</summary>
    internal RandomBits RandomBits = RandomBits.Create();

    internal LoopLog Log { get; } = new LoopLog(loop, log);

    /// <summary>During a drill, counts what clients see; else null.</summary>
    internal DrillObserver? View { get; set; }
}
