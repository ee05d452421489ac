using Edge.Routing;
using Edge.Telemetry;

namespace Edge.Fleet;

/// <summary>A place in the fleet: it outlives the replicas that run in it one after the other.</summary>
internal sealed class Member(string name, int weight, Incarnation incarnation)
{
    /// <summary>The roster's to change, which finds it by its name.</summary>
    internal string Name { get; set; } = name;

    /// <summary>Who made what runs, or ran, in this place.</summary>
    internal ReplicaOrigin Origin { get; set; } = ReplicaOrigin.Made;

    /// <summary>The driver's id of that; null where nothing has run yet.</summary>
    internal string? UnitId { get; set; }

    /// <summary>What runs, or ran last, in this place is made of; null where nothing has run yet, or there is no name for it.</summary>
    internal ReplicaImage? Image { get; set; }

    /// <summary>The generation of that; null where it has none.</summary>
    internal int? Generation { get; set; }

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

    internal ReplicaSpec Spec => new(Name, Weight, UnitId, Origin) { Image = Image, Generation = Generation };

    /// <summary>Whether no call is busy with it.</summary>
    internal bool IsSettled => !Leaving && Adding is null;

    /// <summary>Whether a removal may choose it by chance: it runs, or will, and the balancer may remove it.</summary>
    internal bool IsRemovable => IsSettled && Origin != ReplicaOrigin.Listed && Incarnation.State != ReplicaState.Stopped;

    /// <summary>Takes what runs now for what is in this place.</summary>
    internal void Occupy(ObservedReplica observed) =>
        (Origin, UnitId, Image, Generation) = (observed.Origin, observed.UnitId, observed.Image, observed.Generation);

    internal void Remember(Replica released)
    {
        var answers = new AnswerTable();
        Past.Answers.AddTo(answers);
        Past = new PastFigures(released.Figures(Past.Sum), released.AddAnswersTo(answers));
    }
}
