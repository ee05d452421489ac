using Edge.Routing;
using Edge.Telemetry;

namespace Edge.Fleet;

/// <summary>The counts of replicas that are released. An object, because it is large and changes seldom.</summary>
/// <param name="sum">All counters except the answers.</param>
/// <param name="answers">The answers; not written to any more.</param>
internal sealed class PastFigures(ReplicaCounters sum, AnswerTable answers)
{
    internal ReplicaCounters Sum => sum;

    internal AnswerTable Answers => answers;
}
