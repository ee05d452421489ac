using Edge.Balancing;
using Edge.Observability;

namespace Edge.Fleet;

/// <summary>One life of a replica, from its start to its end. Only the fleet manager's actor touches it.</summary>
internal sealed class Incarnation
{
    private readonly CancellationTokenSource _life;

    internal Incarnation(DateTimeOffset now, string why, CancellationToken shutdown)
    {
        Since = now;
        Why = why;
        _life = CancellationTokenSource.CreateLinkedTokenSource(shutdown);
        Life = _life.Token;
    }

    internal ReplicaState State { get; private set; } = ReplicaState.Starting;

    internal string Why { get; set; }

    internal DateTimeOffset Since { get; private set; }

    /// <summary>Null until the driver has started it.</summary>
    internal ObservedReplica? Observed { get; set; }

    /// <summary>What the data plane knows of it; null until it runs.</summary>
    internal Replica? Replica { get; set; }

    /// <summary>What the health checks say.</summary>
    internal bool ChecksPass { get; set; }

    /// <summary>What the driver has against it; null where nothing.</summary>
    internal string? Objection { get; set; }

    /// <summary>Whether the driver expects it to run no more, soon.</summary>
    internal bool IsEnding { get; set; }

    /// <summary>Why it is out for what its requests have shown; null where it is not.</summary>
    internal string? Ejection { get; set; }

    /// <summary>Whether it came back from that, and has to show itself.</summary>
    internal bool OnTrial { get; set; }

    /// <summary>Since when its share grows; null where it has its full share.</summary>
    internal DateTimeOffset? RampFrom { get; set; }

    /// <summary>The weight that the published table gives it; 0 where it is in none.</summary>
    internal double EffectiveWeight { get; set; }

    /// <summary>Since when it has been in rotation without a break.</summary>
    internal DateTimeOffset? HealthySince { get; private set; }

    /// <summary>Whether the driver said that it died while it was being drained: then a failed stop is none.</summary>
    internal bool DiedInDrain { get; set; }

    /// <summary>Ends the start and the health checks of this life.</summary>
    internal CancellationToken Life { get; }

    /// <summary>Whether it was in rotation when it was told to end: then it serves until it does, where no other is left.</summary>
    internal bool ServesToItsEnd { get; set; }

    /// <summary>Whether it has been said that it was not well once in the time that a start may take.</summary>
    internal bool IsKnownNeverWell { get; set; }

    internal bool Runs => Observed is not null && State is ReplicaState.Starting or ReplicaState.Healthy or ReplicaState.Unhealthy;

    internal void EndLife()
    {
        if (!Life.IsCancellationRequested)
        {
            _ = EndLifeAsync();
        }
    }

    // Not on the actor's own thread: what is registered with the token is the driver's and the prober's code.
    private async Task EndLifeAsync()
    {
        await _life.CancelAsync();
        _life.Dispose();
    }

    /// <summary>Takes the step that follows from an event. Returns false, and does nothing, where the state has none.</summary>
    internal bool Move(ReplicaEvent happened, string why, DateTimeOffset now)
    {
        if (ReplicaLife.Next(State, happened) is not { } next)
        {
            return false;
        }

        HealthySince = next == ReplicaState.Healthy ? now : next == ReplicaState.Gone ? HealthySince : null;
        State = next;
        Why = why;
        Since = now;
        return true;
    }
}

/// <summary>A place in the fleet: it outlives the replicas that run in it one after the other.</summary>
internal sealed class Member(string name, int weight, Incarnation incarnation)
{
    /// <summary>The roster's to change, which finds it by its name.</summary>
    internal string Name { get; set; } = name;

    /// <summary>Who made what runs, or ran, in this place.</summary>
    internal ReplicaOrigin Origin { get; set; } = ReplicaOrigin.Made;

    /// <summary>The driver's id of that; null where nothing has run yet.</summary>
    internal string? UnitId { get; set; }

    internal int Weight { get; set; } = weight;

    internal Incarnation Incarnation { get; set; } = incarnation;

    /// <summary>Whether somebody chose the name; else any other would do as well.</summary>
    internal bool IsNameGiven { get; init; }

    /// <summary>How many other names were found to be taken before this one.</summary>
    internal int NamesTried { get; init; }

    /// <summary>The call that adds it, until that call is answered.</summary>
    internal AddOperation? Adding { get; set; }

    /// <summary>The call that removes it.</summary>
    internal RemoveOperation? Removing { get; set; }

    /// <summary>Whether it leaves the fleet when its replica is gone.</summary>
    internal bool Leaving { get; set; }

    internal int Restarts { get; set; }

    /// <summary>Ends in a row, none of them wanted.</summary>
    internal int Failures { get; set; }

    /// <summary>Times in a row that it was ejected.</summary>
    internal int Ejections { get; set; }

    /// <summary>When the last of them ended, or will.</summary>
    internal DateTimeOffset LastEjection { get; set; }

    /// <summary>A death that the driver reported before it said that the start was done.</summary>
    internal DriverEvent.Died? EarlyDeath { get; set; }

    /// <summary>Why it was stopped from outside, where the driver reported that before it said that the start was done.</summary>
    internal string? EarlyStop { get; set; }

    /// <summary>How many starts were planned; only the last plan counts.</summary>
    internal int Plans { get; set; }

    /// <summary>Counted by replicas that ran under this name before and are released.</summary>
    internal PastFigures Past { get; private set; } = new(default, new AnswerTable());

    internal ReplicaSpec Spec => new(Name, Weight, UnitId, Origin);

    /// <summary>Whether no call is busy with it.</summary>
    internal bool IsSettled => !Leaving && Adding is null;

    /// <summary>Whether a removal may choose it by chance: it runs, or will, and the balancer may remove it.</summary>
    internal bool IsRemovable => IsSettled && Origin != ReplicaOrigin.Listed && Incarnation.State != ReplicaState.Stopped;

    /// <summary>Takes what runs now for what is in this place.</summary>
    internal void Occupy(ObservedReplica observed) => (Origin, UnitId) = (observed.Origin, observed.UnitId);

    internal void Remember(Replica released)
    {
        var answers = new AnswerTable();
        Past.Answers.AddTo(answers);
        Past = new PastFigures(released.Figures(Past.Sum), released.AddAnswersTo(answers));
    }
}

/// <summary>Why a call was refused or failed.</summary>
internal enum RefusalKind
{
    /// <summary>The call asks for what is not allowed.</summary>
    Invalid,

    /// <summary>There is no such replica.</summary>
    Unknown,

    /// <summary>A name is taken, or the fleet is not the balancer's to change.</summary>
    Conflict,

    /// <summary>The driver, or the new replica, failed.</summary>
    Failed,

    /// <summary>The driver cannot do anything now.</summary>
    Unavailable,
}

/// <summary>A refusal in words for the caller.</summary>
internal sealed record Refusal(RefusalKind Kind, string Message);

/// <summary>What a call that changes the fleet came to.</summary>
/// <param name="Running">The replicas that run now, in natural order.</param>
/// <param name="Refusal">Null where it did what was asked.</param>
/// <param name="Drained">Of a removal, what became of the requests of each replica.</param>
internal sealed record FleetAnswer(IReadOnlyList<string> Running, Refusal? Refusal, IReadOnlyList<DrainReceipt> Drained);

/// <summary>How a replica left.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Requests">What became of those in flight.</param>
/// <param name="End">How its program ended.</param>
internal sealed record DrainReceipt(string Name, DrainReport Requests, ReplicaEnd End);

/// <summary>A call that changes the fleet, from its arrival to its answer.</summary>
internal abstract class FleetOperation(int count, IReadOnlyList<string> names)
{
    private readonly TaskCompletionSource<FleetAnswer> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal int Count { get; } = count;

    internal IReadOnlyList<string> Names { get; } = names;

    /// <summary>The members that it still waits for.</summary>
    internal HashSet<Member> Waiting { get; } = [];

    internal Refusal? Refusal { get; set; }

    internal List<DrainReceipt> Drained { get; } = [];

    internal Task<FleetAnswer> Answer => _answer.Task;

    /// <summary>The first answer counts.</summary>
    internal void Complete(FleetAnswer answer) => _answer.TrySetResult(answer);
}

/// <summary>An addition waits for each member to be in rotation; once one failed, for each member to be gone.</summary>
internal sealed class AddOperation(int count, IReadOnlyList<string> names, int weight) : FleetOperation(count, names)
{
    internal int Weight { get; } = weight;

    internal List<Member> Members { get; } = [];

    /// <summary>How much longer than the options allow it waits, since a replica says that it may take longer to become well.</summary>
    internal TimeSpan Extension { get; set; }

    internal void Replace(Member old, Member other)
    {
        Members[Members.IndexOf(old)] = other;
        Waiting.Remove(old);
        Waiting.Add(other);
    }
}

/// <summary>Another weight for some of the members; it waits for nothing.</summary>
internal sealed class WeighOperation(IReadOnlyList<string> names, int weight) : FleetOperation(names.Count, names)
{
    internal int Weight { get; } = weight;
}

/// <summary>A removal waits for each member to be gone.</summary>
internal sealed class RemoveOperation(int count, IReadOnlyList<string> names) : FleetOperation(count, names);
