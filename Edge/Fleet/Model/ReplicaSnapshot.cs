using Edge.Routing;
using Edge.Telemetry;

namespace Edge.Fleet;

/// <summary>One member at one instant; its counters go on counting.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Observed">As the driver sees it; null where nothing runs.</param>
/// <param name="State">Of the replica that runs under the name, or did last.</param>
/// <param name="Why">What led to the state.</param>
/// <param name="Since">When it got into the state.</param>
/// <param name="Weight">Its share of the requests.</param>
/// <param name="Restarts">How often it was started again.</param>
/// <param name="CrashLoop">Whether it ends again and again.</param>
/// <param name="Counting">The replica that counts; null where the data plane knows none.</param>
/// <param name="Past">What earlier replicas of this name have counted.</param>
internal sealed record ReplicaSnapshot(
    string Name,
    ObservedReplica? Observed,
    ReplicaState State,
    string Why,
    DateTimeOffset Since,
    int Weight,
    int Restarts,
    bool CrashLoop,
    Replica? Counting,
    PastFigures Past)
{
    /// <summary>The weight that the published table gives it: less than its own while its share grows, 0 out of rotation.</summary>
    internal double EffectiveWeight { get; init; }

    /// <summary>Whether it is out for what its requests have shown.</summary>
    internal bool Ejected { get; init; }

    /// <summary>Whether it came back from that, and has to show itself.</summary>
    internal bool OnTrial { get; init; }

    /// <summary>Where it listens; null where nothing runs.</summary>
    internal System.Net.IPEndPoint? Address => Observed?.Address;

    /// <summary>The counters now, those of earlier replicas of the same name included.</summary>
    internal ReplicaTotals Totals()
    {
        ReplicaTotals now = Counting?.Totals() ?? default;
        return new ReplicaTotals(now.InFlight, now.Requests + Past.Sum.Requests, now.Failures + Past.Sum.Failures);
    }

    /// <summary>Whether it is being removed.</summary>
    internal bool Leaving { get; init; }

    /// <summary>Who made it.</summary>
    internal ReplicaOrigin Origin { get; init; }

    /// <summary>The driver's id of it, which outlives its names; null where nothing has run yet.</summary>
    internal string? UnitId { get; init; }

    /// <summary>What it is made of; null where nothing has run yet, or there is no name for it.</summary>
    internal ReplicaImage? Image { get; init; }

    /// <summary>Its generation; null where it has none.</summary>
    internal int? Generation { get; init; }

    /// <summary>All figures now, those of earlier replicas of the same name included.</summary>
    internal ReplicaCounters Figures() => Counting?.Figures(Past.Sum) ?? Past.Sum;

    /// <summary>What was answered until now, in the same way; in a table of the caller's own.</summary>
    internal AnswerTable Answers()
    {
        var sum = new AnswerTable();
        Past.Answers.AddTo(sum);
        return Counting?.AddAnswersTo(sum) ?? sum;
    }
}
