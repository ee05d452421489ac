using Edge.Balancing;
using Edge.Observability;

namespace Edge.Fleet;

/// <summary>What the fleet manager has to know. Immutable; new ones take its place in <see cref="FleetSettingsCell"/>.</summary>
/// <param name="Replicas">How many members there shall be after the start.</param>
/// <param name="Minimum">How many a removal must leave.</param>
/// <param name="Maximum">How many there may be.</param>
/// <param name="Start">From the start of a replica to its first passed check, at most.</param>
/// <param name="Drain">For requests in flight of a replica that is removed.</param>
internal sealed record FleetSettings(int Replicas, int Minimum, int Maximum, TimeSpan Start, TimeSpan Drain)
{
    /// <summary>How long the share of a replica that is new or back grows; zero for not at all.</summary>
    internal TimeSpan SlowStart { get; init; }

    /// <summary>Whether the servers of a static fleet are asked all the same where all of them fail their health checks.</summary>
    internal bool AsksUnhealthy { get; init; } = true;

    internal OutlierSettings Outliers { get; init; } = OutlierSettings.Off;

    /// <summary>Whether an adopted replica that stays ill is stopped and started again.</summary>
    internal bool RestartAdopted { get; init; }
}

/// <summary>The settings that hold now: the actor swaps them, and work that is under way elsewhere reads them.</summary>
internal sealed class FleetSettingsCell(FleetSettings first)
{
    private FleetSettings _current = first;

    internal FleetSettings Current
    {
        get => Volatile.Read(ref _current);
        set => Volatile.Write(ref _current, value);
    }
}

/// <summary>The fleet at one instant, for readers on any thread.</summary>
/// <param name="Running">The names of the replicas that run, in natural order.</param>
/// <param name="Replicas">Every member, in natural order.</param>
/// <param name="Blindness">Why the driver sees nothing just now, so that all this is what was known before; null where it does.</param>
internal sealed record FleetSnapshot(
    IReadOnlyList<string> Running,
    IReadOnlyList<ReplicaSnapshot> Replicas,
    string? Blindness)
{
    internal static readonly FleetSnapshot Empty = new([], [], null);

    /// <summary>Whether the driver has said once what runs.</summary>
    internal bool IsKnown { get; init; }

    /// <summary>Whether replicas that are ejected or fail their health checks take requests, since there are no others.</summary>
    internal bool InPanic { get; init; }

    /// <summary>What looks like a replica and is not taken for one.</summary>
    internal IReadOnlyList<IgnoredReplica> Ignored { get; init; } = [];
}

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

/// <summary>What was counted by replicas that are released. An object, since it is large and changes seldom.</summary>
/// <param name="sum">All counters but those.</param>
/// <param name="answers">What was answered; not written to any more.</param>
internal sealed class PastFigures(ReplicaCounters sum, AnswerTable answers)
{
    internal ReplicaCounters Sum => sum;

    internal AnswerTable Answers => answers;
}
