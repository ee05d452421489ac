using Edge.Routing;

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
