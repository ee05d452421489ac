using Edge.Routing;

namespace Edge.Fleet;

/// <summary>One life of a replica, from its start to its end. Only the fleet manager's actor uses it.</summary>
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

    /// <summary>The replica in the data plane; null until it runs.</summary>
    internal Replica? Replica { get; set; }

    /// <summary>Whether the health checks pass.</summary>
    internal bool ChecksPass { get; set; }

    /// <summary>The driver's objection; null if there is none.</summary>
    internal string? Objection { get; set; }

    /// <summary>Whether the driver expects that it will soon stop running.</summary>
    internal bool IsEnding { get; set; }

    /// <summary>Why it is ejected; null if it is not.</summary>
    internal string? Ejection { get; set; }

    /// <summary>Whether it is back from an ejection, on trial.</summary>
    internal bool OnTrial { get; set; }

    /// <summary>Since when its share grows; null if it has its full share.</summary>
    internal DateTimeOffset? RampFrom { get; set; }

    /// <summary>Its weight in the published table; 0 if it is in none.</summary>
    internal double EffectiveWeight { get; set; }

    /// <summary>Since when it has been in rotation without a break.</summary>
    internal DateTimeOffset? HealthySince { get; private set; }

    /// <summary>Whether the driver said that it died while it was being drained: then a failed stop is no failure.</summary>
    internal bool DiedInDrain { get; set; }

    /// <summary>Ends the start and the health checks of this life.</summary>
    internal CancellationToken Life { get; }

    /// <summary>Whether it was in rotation when it was told to end: then it serves until it ends, if no other replica is left.</summary>
    internal bool ServesToItsEnd { get; set; }

    /// <summary>Whether it was reported that it was not well at any time within the time for a start.</summary>
    internal bool IsKnownNeverWell { get; set; }

    internal bool Runs => Observed is not null && State is ReplicaState.Starting or ReplicaState.Healthy or ReplicaState.Unhealthy;

    internal void EndLife()
    {
        if (!Life.IsCancellationRequested)
        {
            _ = EndLifeAsync();
        }
    }

    // Not on the actor's own thread: the callbacks of the token are code of the driver and of the prober.
    private async Task EndLifeAsync()
    {
        await _life.CancelAsync();
        _life.Dispose();
    }

    /// <summary>Goes to the next state after an event. Returns false, and does nothing, if the event has no meaning in this state.</summary>
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
