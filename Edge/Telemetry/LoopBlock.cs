namespace Edge.Telemetry;

/// <summary>Where the counters of one loop stand.</summary>
internal sealed class LoopBlock
{
    internal LoopCounters Counters;

    /// <summary>Requests that are over, by what the client was told.</summary>
    internal readonly AnswerTable Answers = new();

    /// <summary>Those for the balancer's own paths, which are not among them.</summary>
    internal readonly AnswerTable ControlAnswers = new();

    // What comes behind this object in memory is another's.
#pragma warning disable CS0169, IDE0051 // Never read: it only takes up room.
    private CacheLine _behind;
#pragma warning restore CS0169, IDE0051
}
