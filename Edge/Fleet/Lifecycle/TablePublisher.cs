using Edge.Config;
using Edge.Routing;
using Edge.Telemetry;

namespace Edge.Fleet;

/// <summary>
/// Decides which replicas get requests, and with which shares, and gives the data plane a new table if that differs from the last one. Belongs to the
/// fleet manager's actor.
/// </summary>
internal sealed class TablePublisher(
    Roster roster,
    DriverCapabilities driver,
    IDataPlane plane,
    FleetTasks tasks,
    ServiceOptionsCell options,
    SleepCell sleep,
    TimeProvider time,
    Log log)
{
    /// <summary>How long requests wait for another replica after the last one was stopped or removed from outside.</summary>
    internal static readonly TimeSpan Succession = TimeSpan.FromSeconds(5);

    private IReadOnlyList<Replica> _published = [];
    private int[] _publishedWeights = [];
    private bool _publishedHealing;
    private bool _publishedBare;
    private (bool IsAsleep, bool IsMeasured) _publishedSleep;
    private bool _rampPlanned;
    private Func<ReplicaTable, Canary>? _canary;
    private IReadOnlyList<Replica> _publishedCanaries = [];
    private Func<ReplicaTable, Canary>? _publishedCanary;
    private DateTimeOffset _successionEnds;

    /// <summary>Whether the driver has not listed the replicas yet. Until it does, or says that it cannot, there may be replicas.</summary>
    internal bool IsListAwaited { get; set; } = driver.StartsReplicas;

    /// <summary>Whether replicas that are ejected or fail their health checks get requests, because there are no others.</summary>
    internal bool InPanic { get; private set; }

    /// <summary>From now on the canaries get a share of the requests.</summary>
    /// <param name="make">Makes the canary of a table of those that are well.</param>
    internal void OpenCanary(Func<ReplicaTable, Canary> make)
    {
        _canary = make;
        Publish();
    }

    /// <summary>From now on there are only replicas that serve, and others.</summary>
    internal void CloseCanary()
    {
        _canary = null;
        Publish();
    }

    /// <summary>Gives the data plane a new table, if the replicas or their shares have changed.</summary>
    internal void Publish()
    {
        List<Incarnation> routable = Routable();
        List<Replica> canaries = _canary is null ? [] : [.. roster.Canaries().Select(i => i.Replica!)];
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
        bool bare = IsBare();
        (bool IsAsleep, bool IsMeasured) now = (sleep.IsAsleep && replicas.Count == 0, sleep.IsMeasured);
        bool isSame = heals == _publishedHealing && bare == _publishedBare && now == _publishedSleep
            && replicas.SequenceEqual(_published) && weights.AsSpan().SequenceEqual(_publishedWeights);
        if (!isSame || !ReferenceEquals(_publishedCanary, _canary) || !canaries.SequenceEqual(_publishedCanaries))
        {
            (_published, _publishedWeights, _publishedHealing, _publishedBare, _publishedSleep) = (replicas, weights, heals, bare, now);
            (_publishedCanary, _publishedCanaries) = (_canary, canaries);
            plane.Publish(new ReplicaTable(replicas, weights)
            {
                IsOwned = driver.StartsReplicas,
                IsHealing = heals,
                IsBare = bare,
                IsAsleep = now.IsAsleep,
                IsMeasured = now.IsMeasured,
                Canary = _canary?.Invoke(new ReplicaTable(canaries)),
            });
        }

        if (!_rampPlanned && shares.Any(s => s.Step < SlowStart.Steps))
        {
            _rampPlanned = true;
            tasks.PostLater(new FleetMessage.RampDue(), options.Current.Fleet.SlowStart / SlowStart.Steps);
        }
    }

    /// <summary>Makes requests wait if there is no replica but one is on its way. To be called after anything that may have changed that.</summary>
    internal void TellWhetherToWait()
    {
        bool isOther = _published.Count == 0
            && (IsOneComing() != _publishedHealing || IsBare() != _publishedBare || sleep.IsAsleep != _publishedSleep.IsAsleep);
        if (isOther || sleep.IsMeasured != _publishedSleep.IsMeasured)
        {
            Publish();
        }
    }

    private bool IsBare() => driver.StartsReplicas && roster.Count == 0 && !IsListAwaited;

    /// <summary>Sets a replica's share back to the smallest, from which it grows again.</summary>
    internal void RampAnew(Incarnation incarnation)
    {
        incarnation.RampFrom = time.GetUtcNow();
        Publish();
    }

    /// <summary>The shares of replicas that are new or back may have grown.</summary>
    internal void OnRampDue()
    {
        _rampPlanned = false;
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

    /// <summary>Moves requests that wait for a replica which is in no published table any more to other replicas, if that is safe.</summary>
    internal void Relieve(Incarnation incarnation)
    {
        if (incarnation.Replica is { } replica && !_published.Contains(replica) && !_publishedCanaries.Contains(replica))
        {
            plane.Relieve(replica);
        }
    }

    /// <summary>
    /// A replica was stopped or removed from outside: another one may be about to take its place, and requests wait for it if there is no other.
    /// </summary>
    internal void ExpectSuccessor()
    {
        _successionEnds = time.GetUtcNow() + Succession;
        tasks.PostLater(new FleetMessage.SuccessionOver(), Succession);
    }

    private bool IsOneComing() => driver.StartsReplicas
        && (sleep.IsAsleep || IsListAwaited || time.GetUtcNow() < _successionEnds || roster.Members.Any(IsComing));

    /// <summary>Whether it will run soon, for the first time or again. Requests do not wait for a replica in a crash loop, because its pauses grow.</summary>
    internal static bool IsComing(Member member) =>
        !member.Leaving && member.Failures < Backoff.CrashLoop
        && member.Incarnation is { State: ReplicaState.Starting or ReplicaState.Gone or ReplicaState.Draining } or { IsEnding: true };

    private List<Incarnation> Routable()
    {
        List<Incarnation> routable = roster.InRotation();
        bool panics = false;
        if (routable.Count == 0)
        {
            // The last replicas that serve do so until they end.
            routable = roster.Ending();
        }

        if (routable.Count == 0)
        {
            // A replica whose requests failed is better than none, if it passes its health checks. And if the balancer cannot start replicas, one
            // that fails its checks is better than none: the checks are as likely to be wrong as all servers.
            routable = roster.Ejected();
            if (routable.Count == 0 && !driver.StartsReplicas && options.Current.Health.Panic)
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
}
