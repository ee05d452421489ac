namespace Edge.Telemetry;

/// <summary>The memory with the counters of one loop.</summary>
internal sealed class LoopBlock
{
    internal LoopCounters Counters;

    /// <summary>
    /// Requests that are over, by the status that the client got: those of the default service, and those of which no service is known.
    /// </summary>
    internal readonly AnswerTable Answers = new();

    /// <summary>Requests for the balancer's own paths that are over; they are not among the others.</summary>
    internal readonly AnswerTable ControlAnswers = new();

    // The memory behind this object belongs to another thread.
#pragma warning disable CS0169, IDE0051 // Never read: it only takes up room.
    private CacheLine _behind;
#pragma warning restore CS0169, IDE0051
}
