using Edge.Routing;
using Edge.Telemetry;

namespace Edge.Fleet;

/// <summary>One member at one instant; only its counters go on counting.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Observed">As the driver sees it; null if nothing runs.</param>
/// <param name="State">Of the replica that runs under the name, or ran last.</param>
/// <param name="Why">The reason of the state.</param>
/// <param name="Since">When the state began.</param>
/// <param name="Weight">Its share of the requests.</param>
/// <param name="Restarts">How often it was started again.</param>
/// <param name="CrashLoop">Whether it fails again and again.</param>
/// <param name="Counting">The replica that counts; null if the data plane has none.</param>
/// <param name="Past">The counts of earlier replicas of this name.</param>
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
    /// <summary>Its weight in the published table: less than its own while its share grows, 0 out of rotation.</summary>
    internal double EffectiveWeight { get; init; }

    /// <summary>Whether it is ejected.</summary>
    internal bool Ejected { get; init; }

    /// <summary>Whether it is back from an ejection, on trial.</summary>
    internal bool OnTrial { get; init; }

    /// <summary>Its address, as it is shown; null if nothing runs.</summary>
    internal string? Address => Observed?.ShownAddress;

    /// <summary>The counters now, including those of earlier replicas of the same name.</summary>
    internal ReplicaTotals Totals()
    {
        ReplicaTotals now = Counting?.Totals() ?? default;
        return new ReplicaTotals(now.InFlight, now.Requests + Past.Sum.Requests, now.Failures + Past.Sum.Failures);
    }

    /// <summary>Whether it is being removed.</summary>
    internal bool Leaving { get; init; }

    /// <summary>Who made it.</summary>
    internal ReplicaOrigin Origin { get; init; }

    /// <summary>The driver's id of it, which outlives its names; null if nothing has run yet.</summary>
    internal string? UnitId { get; init; }

    /// <summary>Its image; null if nothing has run yet, or if it has none.</summary>
    internal ReplicaImage? Image { get; init; }

    /// <summary>Its generation; null if it has none.</summary>
    internal int? Generation { get; init; }

    /// <summary>Its part in a deploy.</summary>
    internal MemberRole Role { get; init; }

    /// <summary>All figures now, including those of earlier replicas of the same name.</summary>
    internal ReplicaCounters Figures() => Counting?.Figures(Past.Sum) ?? Past.Sum;

    /// <summary>The answers until now, also of earlier replicas of the name, in a table for the caller.</summary>
    internal AnswerTable Answers()
    {
        var sum = new AnswerTable();
        Past.Answers.AddTo(sum);
        return Counting?.AddAnswersTo(sum) ?? sum;
    }
}
