using Edge.Routing;

namespace Edge.Fleet;

/// <summary>A deploy that is under way, or the last one. Belongs to the fleet manager's actor.</summary>
internal sealed class Deployment
{
    // More than a deploy without people takes; people may have it pause and go on as often as they like.
    private const int StepsAtMost = 64;

    private readonly Roster _roster;
    private readonly List<DeployStep> _steps = [];

    /// <param name="plan">How it goes about it.</param>
    /// <param name="was">The fleet's target before.</param>
    /// <param name="size">How many replicas the new version is to have.</param>
    /// <param name="state">Where it begins.</param>
    /// <param name="roster">The fleet.</param>
    internal Deployment(DeployPlan plan, FleetTarget was, int size, DeployState state, Roster roster)
    {
        (Plan, Was, Size, _roster, State) = (plan, was, size, roster, state);
        Image = new ReplicaImage(plan.Image);
        Begun = state.Since;
        _steps.Add(new DeployStep(state.Since, state.Phase, state.IsPaused, state.Why));
    }

    internal DeployPlan Plan { get; }

    internal FleetTarget Was { get; private set; }

    internal int Size { get; }

    internal DateTimeOffset Begun { get; }

    internal DeployState State { get; private set; }

    /// <summary>With its id once <see cref="IsImageKnown"/>.</summary>
    internal ReplicaImage Image { get; set; }

    internal bool IsImageKnown { get; set; }

    internal string? ImageFailure { get; set; }

    /// <summary>The image that the options name; empty if they name none.</summary>
    internal string Configured { get; set; } = "";

    /// <summary>Of the new replicas; 0 until they are begun.</summary>
    internal int Generation { get; set; }

    /// <summary>The members of the version before.</summary>
    internal List<Member> Old { get; } = [];

    /// <summary>The members of the new version, the lead first.</summary>
    internal List<Member> New { get; } = [];

    /// <summary>Whether the paths of the plan were answered; null while that is not known.</summary>
    internal bool? SmokePassed { get; set; }

    internal string? SmokeFailure { get; set; }

    /// <summary>Compares the versions; null before there is anything to compare.</summary>
    internal DeployComparison? Comparison { get; set; }

    /// <summary>What the judge said last.</summary>
    internal Judgement Judged { get; set; } = new(JudgeVerdict.Undecided, "there are no figures yet");

    /// <summary>The last lines of the replica that failed; null while they are not read.</summary>
    internal IReadOnlyList<string>? LastLines { get; set; }

    /// <summary>The deploy before this one, as long as this one has begun nothing; null if there was none.</summary>
    internal Deployment? Previous { get; set; }

    /// <summary>When the next look is planned; null if none is.</summary>
    internal DateTimeOffset? LookPlanned { get; set; }

    /// <summary>The call that waits for it; null if none does.</summary>
    internal DeployOperation? Operation { get; init; }

    internal bool IsOver => State.Phase is DeployPhase.Done or DeployPhase.Reverted;

    /// <summary>The first new replica; null until it is begun.</summary>
    internal Member? Lead => New.Count > 0 ? New[0] : null;

    /// <summary>Goes to another state. Returns whether that is a step for people.</summary>
    internal bool Move(DeployState next, DateTimeOffset now)
    {
        DeployState before = State;
        State = next;
        if (next.Phase == before.Phase && next.IsPaused == before.IsPaused && next.Why == before.Why)
        {
            return false;
        }

        if (_steps.Count == StepsAtMost)
        {
            _steps.RemoveAt(1);
        }

        _steps.Add(new DeployStep(now, next.Phase, next.IsPaused, next.Why));
        return true;
    }

    /// <summary>A member was begun again under another name.</summary>
    internal void Replace(Member old, Member other)
    {
        if (New.IndexOf(old) is >= 0 and var at)
        {
            New[at] = other;
        }
    }

    /// <summary>This deploy changes nothing, so a rollback still leads to what the one before has kept.</summary>
    internal void Inherit()
    {
        if (Previous is { State: { IsSwitched: true, KeptSince: { } since } } previous)
        {
            (Was, Generation) = (previous.Was, previous.Generation);
            Old.AddRange(previous.OldThere());
            New.AddRange(previous.NewThere());
            State = State with { IsSwitched = true, KeptSince = since };
        }

        Previous = null;
    }

    internal IEnumerable<Member> OldThere() => Old.Where(IsThere);

    internal IEnumerable<Member> NewThere() => New.Where(IsThere);

    internal DeployFacts Facts()
    {
        Member[] fresh = [.. NewThere().Where(m => !m.Leaving)];
        Member[] old = [.. OldThere().Where(m => !m.Leaving)];
        return new DeployFacts
        {
            ImageFailure = ImageFailure,
            IsImageKnown = IsImageKnown,
            IsSameImage = IsImageKnown && Was.Image is { } before && before.IsSameAs(Image),
            Size = Size,
            New = fresh.Length,
            NewReady = fresh.Count(m => m.Incarnation.State == ReplicaState.Healthy),
            NewServing = fresh.Count(m => m.Role == MemberRole.Serving),
            NewLeft = NewThere().Count(),
            IsLeadLeaving = Lead is { Leaving: true } lead && IsThere(lead),
            Lost = fresh.Select(LossOf).FirstOrDefault(loss => loss is not null),
            OldReady = old.Count(m => m.Incarnation.State == ReplicaState.Healthy),
            OldRunning = OldThere().Count(m => m.Incarnation.Runs || m.Incarnation.State == ReplicaState.Draining),
            OldKept = old.Count(m => m.Incarnation.State == ReplicaState.Kept),
            OldStarting = old.Count(m => m.Incarnation.State == ReplicaState.Starting),
            SmokePassed = SmokePassed,
            SmokeFailure = SmokeFailure,
            CanaryAttempts = Comparison?.Attempts(CanarySide.New) ?? 0,
            OldAttempts = Comparison?.Attempts(CanarySide.Old) ?? 0,
            Verdict = Judged.Verdict,
            Judged = Judged.Reason,
            AreLinesRead = LastLines is not null,
        };
    }

    internal DeployStatus Status() => new(Image, Was.Image, Generation, Begun, [.. _steps])
    {
        CanaryPercent = Plan.CanaryPercent,
        IsJudged = Plan.IsJudged,
        Size = Size,
        New = Names(NewThere()),
        Old = Names(OldThere()),
        Judged = Comparison is null ? null : Judged.Reason,
        KeptUntil = State.KeptSince is { } since && OldThere().Any() ? since + Plan.Keep : null,
        LastLines = LastLines ?? [],
    };

    private static string? LossOf(Member member) =>
        member.Role is not (MemberRole.Standby or MemberRole.Canary) ? null
        : member.Fault is { } fault ? $"{member.Name}: {fault}"
        : member.Incarnation is { State: ReplicaState.Unhealthy or ReplicaState.Stopped } lost ? $"{member.Name}: {lost.Why.Split(';')[0]}"
        : null;

    private bool IsThere(Member member) => _roster.Find(member.Name) == member;

    private static string[] Names(IEnumerable<Member> members)
    {
        string[] names = [.. members.Select(m => m.Name)];
        Array.Sort(names, ReplicaNames.CompareNaturally);
        return names;
    }
}
