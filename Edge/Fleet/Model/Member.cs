using Edge.Routing;
using Edge.Telemetry;

namespace Edge.Fleet;

/// <summary>A name in the fleet. It outlives the replicas that run under it one after the other.</summary>
internal sealed class Member(string name, int weight, Incarnation incarnation)
{
    /// <summary>Only the roster changes it, because it finds the member by its name.</summary>
    internal string Name { get; set; } = name;

    /// <summary>Who made the replica that runs, or ran, under this name.</summary>
    internal ReplicaOrigin Origin { get; set; } = ReplicaOrigin.Made;

    /// <summary>The driver's id of that replica; null if none has run yet.</summary>
    internal string? UnitId { get; set; }

    /// <summary>The image of the replica that runs, or ran last, under this name; null if none has run yet, or it has no image.</summary>
    internal ReplicaImage? Image { get; set; }

    /// <summary>The generation of that replica; null if it has none.</summary>
    internal int? Generation { get; set; }

    internal int Weight { get; set; } = weight;

    internal Incarnation Incarnation { get; set; } = incarnation;

    /// <summary>Whether a call gave the name; otherwise any other name would do as well.</summary>
    internal bool IsNameGiven { get; init; }

    /// <summary>How many other names were taken before this one.</summary>
    internal int NamesTried { get; set; }

    /// <summary>The call that adds it, until that call is answered.</summary>
    internal AddOperation? Adding { get; set; }

    /// <summary>The call that removes it.</summary>
    internal RemoveOperation? Removing { get; set; }

    /// <summary>Whether it leaves the fleet when its replica is gone.</summary>
    internal bool Leaving { get; set; }

    /// <summary>Whether its replica is kept once it is stopped, to be started again.</summary>
    internal bool IsKept { get; set; }

    /// <summary>Its part in a deploy.</summary>
    internal MemberRole Role { get; set; }

    /// <summary>Why it is lost, if it belongs to a version that does not serve yet; null if it is not.</summary>
    internal string? Fault { get; set; }

    /// <summary>The last lines that it printed, if it could not be started; null if they were not read.</summary>
    internal IReadOnlyList<string>? LastLines { get; set; }

    /// <summary>What its replica says of the deploy that made it; null if none has.</summary>
    internal DeployMark? Mark { get; set; }

    internal int Restarts { get; set; }

    /// <summary>Unwanted ends in a row.</summary>
    internal int Failures { get; set; }

    /// <summary>Times in a row that it was ejected.</summary>
    internal int Ejections { get; set; }

    /// <summary>When the last ejection ended, or will end.</summary>
    internal DateTimeOffset LastEjection { get; set; }

    /// <summary>A death that the driver reported before the start was done.</summary>
    internal DriverEvent.Died? EarlyDeath { get; set; }

    /// <summary>Why it was stopped from outside, if the driver reported that before the start was done.</summary>
    internal string? EarlyStop { get; set; }

    /// <summary>How many starts were planned; only the last plan counts.</summary>
    internal int Plans { get; set; }

    /// <summary>The counts of earlier replicas under this name that are released.</summary>
    internal PastFigures Past { get; private set; } = new(default, new AnswerTable());

    internal ReplicaSpec Spec => new(Name, Weight, UnitId, Origin) { Image = Image, Generation = Generation, Mark = Mark };

    /// <summary>Whether it belongs to a version that does not serve yet: then its end is the deploy's, and nothing heals it.</summary>
    internal bool IsOfNewVersion => Role is MemberRole.Standby or MemberRole.Canary;

    /// <summary>Whether no call is changing it.</summary>
    internal bool IsSettled => !Leaving && Adding is null;

    /// <summary>Records what runs under this name now.</summary>
    internal void Occupy(ObservedReplica observed) =>
        (Origin, UnitId, Image, Generation, Mark) = (observed.Origin, observed.UnitId, observed.Image, observed.Generation, observed.Mark);

    internal void Remember(Replica released)
    {
        var answers = new AnswerTable();
        Past.Answers.AddTo(answers);
        Past = new PastFigures(released.Figures(Past.Sum), released.AddAnswersTo(answers));
    }
}
