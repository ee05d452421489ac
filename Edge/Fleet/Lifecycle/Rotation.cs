using Edge.Config;
using Edge.Routing;
using Edge.Telemetry;

namespace Edge.Fleet;

/// <summary>
/// The lives of replicas: begins and ends them, and keeps the published table in step with their states. Knows
/// nothing of the calls that ask for it. Belongs to the fleet manager's actor.
/// </summary>
internal sealed class Rotation(
    Roster roster,
    IReplicaDriver driver,
    IDataPlane plane,
    FleetTasks tasks,
    ServiceOptionsCell options,
    TimeProvider time,
    Random random,
    Log log,
    CancellationToken shutdown)
{
    /// <summary>How long requests are to wait for what takes the place of the last replica that was stopped or removed from outside.</summary>
    internal static readonly TimeSpan Succession = TimeSpan.FromSeconds(5);

    private IReadOnlyList<Replica> _published = [];
    private int[] _publishedWeights = [];
    private bool _publishedHealing;
    private bool _rampPlanned;
    private DateTimeOffset _successionEnds;

    /// <summary>Whether the driver has yet to say, for the first time, what runs: until it does, or says that it cannot, there may be replicas.</summary>
    internal bool IsListAwaited { get; set; } = driver.Owned;

    /// <summary>Whether replicas that are ejected or fail their health checks take requests, since there are no others.</summary>
    internal bool InPanic { get; private set; }

    /// <summary>A life that begins now, not started yet.</summary>
    internal Incarnation NewLife(string why) => new(time.GetUtcNow(), why, shutdown);

    /// <summary>Takes a replica that runs under observation. Returns false where no slot is left for it.</summary>
    internal bool TryObserve(Member member)
    {
        Incarnation incarnation = member.Incarnation;
        if (roster.TakeSlot() is not { } slot)
        {
            return false;
        }

        incarnation.Replica = new Replica(slot, member.Name, incarnation.Observed!.Address, member.Weight, plane.Loops)
        {
            SuspectAfter = options.Current.Ejection.Failures,
        };
        if (!driver.Owned)
        {
            incarnation.ChecksPass = true;
            Move(member, ReplicaEvent.Passed, "it is taken to be well until it fails a health check");
            Publish();
        }

        tasks.WatchHealth(member, incarnation);
        return true;
    }

    /// <summary>Applies an event to a member's replica. The caller publishes before anything that relies on it.</summary>
    internal bool Move(Member member, ReplicaEvent happened, string why)
    {
        Incarnation incarnation = member.Incarnation;
        bool isWarm = HasWarm();
        if (!incarnation.Move(happened, why, time.GetUtcNow()))
        {
            return false;
        }

        if (incarnation.State == ReplicaState.Healthy)
        {
            incarnation.RampFrom = options.Current.Fleet.SlowStart > TimeSpan.Zero && (isWarm || incarnation.OnTrial) ? time.GetUtcNow() : null;
        }

        ReadOnlySpan<(string, object?)> fields =
        [
            ("name", member.Name),
            ("state", incarnation.State.ToString().ToLowerInvariant()),
            ("address", incarnation.Observed?.Address),
            ("why", why),
        ];
        if (happened is ReplicaEvent.Failed or ReplicaEvent.Died)
        {
            log.Warning("replica_state", fields);
        }
        else
        {
            log.Info("replica_state", fields);
        }

        return true;
    }

    /// <summary>Hands the data plane a new table, where other replicas may take requests than before, or other shares of them.</summary>
    internal void Publish()
    {
        List<Incarnation> routable = Routable();
        (int Weight, int Step)[] shares = [.. routable.Select(i => (i.Replica!.Weight, StepOf(i)))];
        List<Replica> replicas = [.. routable.Select(i => i.Replica!)];
        foreach (Member member in roster.Members)
        {
            member.Incarnation.EffectiveWeight = 0;
        }

        for (int i = 0; i < shares.Length; i++)
        {
            routable[i].EffectiveWeight = (double)shares[i].Weight * shares[i].Step / SlowStart.Steps;
        }

        int[] weights = SlowStart.Weights(shares);
        bool heals = replicas.Count == 0 && IsOneComing();
        if (heals != _publishedHealing || !replicas.SequenceEqual(_published) || !weights.AsSpan().SequenceEqual(_publishedWeights))
        {
            (_published, _publishedWeights, _publishedHealing) = (replicas, weights, heals);
            plane.Publish(new ReplicaTable(replicas, weights) { IsOwned = driver.Owned, IsHealing = heals });
        }

        if (!_rampPlanned && shares.Any(s => s.Step < SlowStart.Steps))
        {
            _rampPlanned = true;
            tasks.PostLater(new FleetMessage.RampDue(), options.Current.Fleet.SlowStart / SlowStart.Steps);
        }
    }

    /// <summary>Has requests wait for a replica that is on its way, where there is none; after anything that may have changed that.</summary>
    internal void TellWhetherToWait()
    {
        if (_published.Count == 0 && IsOneComing() != _publishedHealing)
        {
            Publish();
        }
    }

    /// <summary>Has a replica's share grow from its smallest once more.</summary>
    internal void RampAnew(Incarnation incarnation)
    {
        incarnation.RampFrom = time.GetUtcNow();
        Publish();
    }

    /// <summary>Gives members another weight, all in one table.</summary>
    internal void Weigh(List<Member> members, int weight)
    {
        foreach (Member member in members)
        {
            if (member.Weight != weight)
            {
                log.Info("replica_weight", ("name", member.Name), ("weight", weight), ("was", member.Weight));
                member.Weight = weight;
                if (member.Incarnation.Replica is { } replica)
                {
                    replica.Weight = weight;
                }
            }
        }

        Publish();
    }

    internal void OnRampDue()
    {
        _rampPlanned = false;
        Publish();
    }

    /// <summary>Other options hold from now on: those that replicas carry along are brought up to date.</summary>
    internal void Reconfigure(ServiceOptions changed)
    {
        options.Current = changed;
        foreach (Incarnation incarnation in roster.Members.Select(m => m.Incarnation))
        {
            // One on trial falls with its first failure, however many the options allow; its trial's end sets the rest right.
            if (incarnation is { Replica: { } replica, OnTrial: false })
            {
                replica.SuspectAfter = changed.Ejection.Failures;
            }
        }

        Publish();
    }

    private bool IsOneComing() => driver.Owned && (IsListAwaited || time.GetUtcNow() < _successionEnds || roster.Members.Any(IsComing));

    // Whether it will run soon, for the first time or again. One that dies again and again is not waited for: its pauses grow.
    private static bool IsComing(Member member) =>
        !member.Leaving && member.Failures < Backoff.CrashLoop
        && member.Incarnation is { State: ReplicaState.Starting or ReplicaState.Gone or ReplicaState.Draining } or { IsEnding: true };

    private List<Incarnation> Routable()
    {
        List<Incarnation> routable = roster.InRotation();
        bool panics = false;
        if (routable.Count == 0)
        {
            // The last ones that serve do so until they end.
            routable = roster.Ending();
        }

        if (routable.Count == 0)
        {
            // Better one whose requests failed than none at all, as long as it answers its health checks; and where nobody here can start one
            // anew, better one that fails its checks: it is as likely that all of these are wrong as that all of the servers are.
            routable = roster.Ejected();
            if (routable.Count == 0 && !driver.Owned && options.Current.Health.Panic)
            {
                routable = roster.Unhealthy();
            }

            panics = routable.Count > 0;
        }

        if (panics != InPanic)
        {
            InPanic = panics;
            log.Warning(panics ? "panic" : "panic_over", ("replicas", routable.Count));
        }

        return routable;
    }

    private int StepOf(Incarnation incarnation) =>
        incarnation.RampFrom is { } from ? SlowStart.StepOf(time.GetUtcNow() - from, options.Current.Fleet.SlowStart) : SlowStart.Steps;

    // Replicas that come one soon after the other, as at a start, all are the fleet: nobody is there to take what they are spared.
    private bool HasWarm() => roster.InRotation().Any(i => time.GetUtcNow() - i.HealthySince >= options.Current.Fleet.SlowStart);

    /// <summary>Has requests that wait in vain for a replica which is in no published table any more go elsewhere, where that is safe.</summary>
    internal void Relieve(Incarnation incarnation)
    {
        if (incarnation.Replica is { } replica && !_published.Contains(replica))
        {
            plane.Relieve(replica);
        }
    }

    /// <summary>A replica was stopped or removed from outside: what takes its place may be about to come, and is waited for where there is no other.</summary>
    internal void ExpectSuccessor()
    {
        _successionEnds = time.GetUtcNow() + Succession;
        tasks.PostLater(new FleetMessage.SuccessionOver(), Succession);
    }

    /// <summary>Begins the end of a replica that is draining and in no published table.</summary>
    internal void End(Member member, StopKind kind)
    {
        member.Incarnation.EndLife();

        // One that is still being started reports back from its start, which has just been called off.
        if (member.Incarnation.Observed is not null)
        {
            tasks.Retire(member, member.Incarnation, kind);
        }
    }

    /// <summary>Lets go of a replica that died and is in no published table.</summary>
    internal void Bury(Member member, Incarnation incarnation)
    {
        incarnation.EndLife();
        tasks.Release(member, incarnation);
    }

    /// <summary>Plans the next start of a member whose replica is gone.</summary>
    /// <param name="member">In the roster.</param>
    /// <param name="blame">Whether this end counts against it.</param>
    /// <param name="atLeast">How long to wait in any case.</param>
    internal void PlanRespawn(Member member, bool blame, TimeSpan atLeast = default)
    {
        Incarnation ended = member.Incarnation;
        if (ended.HealthySince is { } since && time.GetUtcNow() - since >= Backoff.ResetAfter)
        {
            member.Failures = 0;
        }

        member.Failures += blame ? 1 : 0;
        TimeSpan pause = Backoff.Next(Math.Max(1, member.Failures), random);
        pause = pause > atLeast ? pause : atLeast;
        if (member.Failures >= Backoff.CrashLoop)
        {
            log.Error("replica_crash_loop", ("name", member.Name), ("failures", member.Failures), ("again_in_seconds", pause.TotalSeconds), ("why", ended.Why));
        }
        else
        {
            log.Info("replica_respawn", ("name", member.Name), ("failures", member.Failures), ("again_in_seconds", pause.TotalSeconds));
        }

        tasks.PostLater(new FleetMessage.RespawnDue(member, ended, ++member.Plans), pause);
        ended.Why = $"{ended.Why}; it is started again {pause.TotalSeconds:0.0##} s after that";
    }

    /// <summary>Tries once more to stop what could not be stopped, after a pause.</summary>
    internal void PlanStop(Member member, Incarnation incarnation)
    {
        member.Failures++;
        tasks.PostLater(new FleetMessage.StopAgain(member, incarnation), Backoff.Next(member.Failures, random));
    }

    internal void Respawn(Member member)
    {
        member.Restarts++;
        (member.EarlyDeath, member.EarlyStop) = (null, null);
        member.Incarnation = NewLife($"it is started again: {member.Incarnation.Why}");
        tasks.Start(member, member.Incarnation);
    }

    /// <summary>The data plane holds a replica no more: what it counted is kept, and its slot may go to another.</summary>
    internal void Forget(Member member, Incarnation incarnation)
    {
        Replica replica = incarnation.Replica!;
        member.Remember(replica);
        incarnation.Replica = null;
        roster.FreeSlot(replica.Slot);
    }
}
