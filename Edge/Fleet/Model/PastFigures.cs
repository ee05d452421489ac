using Edge.Routing;
using Edge.Telemetry;

namespace Edge.Fleet;

/// <summary>What was counted by replicas that are released. An object, since it is large and changes seldom.</summary>
/// <param name="sum">All counters but those.</param>
/// <param name="answers">What was answered; not written to any more.</param>
internal sealed class PastFigures(ReplicaCounters sum, AnswerTable answers)
{
    internal ReplicaCounters Sum => sum;

    internal AnswerTable Answers => answers;
}
