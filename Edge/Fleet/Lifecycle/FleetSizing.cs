using System.Globalization;
using Edge.Config;
using Edge.Routing;
using Edge.Telemetry;

namespace Edge.Fleet;

/// <summary>
/// Has the size of a fleet follow the load, where the options or a call say so: asks the <see cref="Autoscaler"/> once a second and does what it says; has
/// the fleet sleep when nobody asks for it, and wake. Belongs to the fleet manager's actor.
/// </summary>
internal sealed class FleetSizing(
    Roster roster,
    SizeChanges changes,
    Membership membership,
    PendingCalls calls,
    DriverSync sync,
    IReplicaDriver driver,
    FleetTasks tasks,
    SleepCell cell,
    ServiceOptionsCell options,
    TimeProvider time,
    Log log)
{
    /// <summary>How often the load is looked at.</summary>
    internal static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly Autoscaler _scaler = new();
    private readonly IdleTime _idle = new();
    private readonly StartTimes _starts = new();
    private readonly List<SleepOperation> _waiting = [];
    private readonly long _origin = time.GetTimestamp();
    private ScaleState _mode = ScaleState.Fixed;
    private DateTimeOffset _since;
    private string _why = "";
    private ScaleDecision? _decision;
    private string _next = "";
    private bool _isMeasuring;

    // What a call said; null for what the options say.
    private (int Minimum, int Maximum)? _called;

    /// <summary>Why the size stays as it is for now: a deploy is under way; null if it does not.</summary>
    internal Func<string?> Rest { get; init; } = () => null;

    private TimeSpan Now => time.GetElapsedTime(_origin);

    /// <summary>How it is now, for readers.</summary>
    internal ScaleSnapshot Snapshot
    {
        get
        {
            if (RulesNow() is not { } rules || _mode == ScaleState.Fixed)
            {
                return ScaleSnapshot.Fixed;
            }

            FleetSize size = changes.Count(rules.InFlight);
            bool isScaling = _mode == ScaleState.Awake && _decision is { } last && (size.Starting > 0 || last.Target != size.There);
            int target = _mode is ScaleState.Asleep ? 0 : _mode == ScaleState.Awake ? _decision?.Target ?? roster.InRotation().Count : 1;
            return new ScaleSnapshot(
                isScaling ? ScaleState.Scaling : _mode, _since, rules.Minimum, rules.Maximum, target,
                _mode == ScaleState.Awake ? _decision?.Why ?? _why : _why, _next);
        }
    }

    /// <summary>To be called after each message: something may have changed that matters here.</summary>
    internal void Look()
    {
        if (!sync.IsKnown)
        {
            return;
        }

        ScaleRules? rules = RulesNow();
        cell.IsMeasured = rules is not null;
        if (rules is null)
        {
            EndScaling();
            return;
        }

        _starts.Look(roster.Members.Select(m => m.Incarnation), Now);
        if (_mode == ScaleState.Fixed)
        {
            Begin(rules);
        }

        LookAtReplicas(rules);
        FinishCalls();
        if (!_isMeasuring && _mode != ScaleState.Asleep)
        {
            _isMeasuring = true;
            tasks.MeasureLoad(Interval);
        }
    }

    /// <summary>What is asked of the service is known; null if nothing counts it any more.</summary>
    internal void OnLoad(LoadFigures? known, long? availableMiB)
    {
        // Otherwise the loops have ended, and are not asked again.
        _isMeasuring = known is null;
        if (known is not { } load || RulesNow() is not { } rules || _mode is not (ScaleState.Awake or ScaleState.Broken))
        {
            return;
        }

        TimeSpan idle = _idle.Add(load, Now);
        TimeSpan sleep = options.Current.Scale.Sleep;
        string? awake = rules.Minimum > 0 ? null : changes.WhyAwake();
        if (rules.Minimum == 0 && awake is null && idle >= sleep && Rest() is null && sync.Blindness is null)
        {
            FallAsleep($"nobody has asked for {Durations.Show(sleep)}");
            return;
        }

        if (_mode != ScaleState.Awake)
        {
            return;
        }

        Decide(load, availableMiB, rules);
        if (rules.Minimum == 0 && idle > TimeSpan.Zero)
        {
            string rest = awake ?? string.Create(CultureInfo.InvariantCulture, $"sleeps at {time.GetUtcNow() + sleep - idle:HH:mm:ss} UTC if nobody asks");
            _next = _next.Length == 0 ? rest : $"{_next}; {rest}";
        }
    }

    private void Decide(in LoadFigures load, long? availableMiB, ScaleRules rules)
    {
        FleetSize size = changes.Count(rules.InFlight) with
        {
            StartTime = _starts.Median,
            Rest = sync.Blindness is { } blindness ? $"waits until the driver ({driver.Name}) can do something: {blindness}" : Rest(),
            NoStart = MemoryLack(availableMiB),
        };
        int? was = _decision?.Target;
        ScaleDecision decision = _decision = _scaler.Decide(load, size, Now, rules);
        _next = decision.Next;
        if (decision.Target != was)
        {
            log.Info("fleet_target", ("target", decision.Target), ("was", was), ("why", decision.Why));
        }

        if (decision.Start > 0)
        {
            changes.Start(decision.Start, decision.Why);
        }
        else if (decision.End > 0)
        {
            changes.EndOne(decision.Why);
        }
    }

    /// <summary>A request has come for the service while it was asleep.</summary>
    internal void OnWakeWanted()
    {
        if (_mode == ScaleState.Asleep)
        {
            Wake("a request came");
        }
    }

    /// <summary>Why nothing can be deployed to the fleet now; null if it can.</summary>
    internal CallRefusal? DeployRefusal => _mode is ScaleState.Asleep or ScaleState.Waking
        ? new CallRefusal(CallRefusalKind.Conflict, $"the fleet is {_mode.ToString().ToLowerInvariant()}: wake it first, and deploy when it is awake") : null;

    /// <summary>A call has added replicas, or removes some.</summary>
    /// <param name="by">How many more there are; fewer are negative.</param>
    internal void NoteCall(int by)
    {
        if (RulesNow() is { } rules)
        {
            _scaler.NoteCall(by, Now, rules);
        }
    }

    /// <summary>A call for other bounds.</summary>
    internal void OnScale(ScaleOperation operation)
    {
        ScaleOptions scale = options.Current.Scale;
        (int Minimum, int Maximum) now = _called ?? (scale.LeastOf(options.Current.Fleet.Replicas), scale.Maximum);
        (int minimum, int maximum) = (operation.Minimum ?? (now.Maximum == 0 ? Math.Min(now.Minimum, operation.Maximum ?? 0) : now.Minimum),
            operation.Maximum ?? now.Maximum);
        operation.Refusal = ScaleCalls.Check(minimum, maximum, options.Current.Fleet, driver);
        if (operation.Refusal is null && (minimum, maximum) != now)
        {
            log.Info("fleet_bounds", ("minimum", minimum), ("maximum", maximum), ("was", $"{now.Minimum}-{now.Maximum}"));
            _called = (minimum, maximum);
            if (_mode is ScaleState.Asleep && minimum > 0 && maximum > 0)
            {
                Wake($"there are to be {minimum} at least");
            }
        }

        calls.Finish(operation);
    }

    /// <summary>A call to have the fleet sleep, or wake.</summary>
    internal void OnSleep(SleepOperation operation)
    {
        operation.Refusal = ScaleCalls.Check(operation, RulesNow(), sync, driver)
            ?? (!operation.Wakes && _mode != ScaleState.Asleep && (Rest() ?? changes.WhyAwake()) is { } why
                ? new CallRefusal(CallRefusalKind.Conflict, why) : null);
        if (operation.Refusal is not null)
        {
            calls.Finish(operation);
            return;
        }

        calls.Open(operation);
        _waiting.Add(operation);
        if (operation.Wakes && _mode == ScaleState.Asleep)
        {
            Wake("a call asked for it");
        }
        else if (!operation.Wakes && _mode != ScaleState.Asleep)
        {
            FallAsleep("a call asked for it");
        }

        tasks.PostLater(new FleetMessage.SleepTimedOut(operation), options.Current.Timeouts.Start + options.Current.Timeouts.Drain);
    }

    /// <summary>A call has waited for as long as it may.</summary>
    internal void OnSleepTimedOut(SleepOperation operation)
    {
        if (_waiting.Remove(operation))
        {
            operation.Refusal = new CallRefusal(
                CallRefusalKind.Failed, operation.Wakes ? $"no replica is in rotation yet: {_why}" : "the replicas have not ended yet, and go on with it");
            calls.Finish(operation);
        }
    }

    /// <summary>Other options hold. Bounds that a call gave stay, unless those of the options are other ones now.</summary>
    /// <param name="before">Those that held before.</param>
    internal void OnReconfigured(ServiceOptions before)
    {
        ServiceOptions now = options.Current;
        if ((before.Scale.Maximum, before.Scale.LeastOf(before.Fleet.Replicas)) != (now.Scale.Maximum, now.Scale.LeastOf(now.Fleet.Replicas)))
        {
            _called = null;
            if (_mode == ScaleState.Asleep && RulesNow() is { Minimum: > 0 } rules)
            {
                Wake($"there are to be {rules.Minimum} at least");
            }
        }
    }

    private ScaleRules? RulesNow() => ScaleBounds.RulesOf(options.Current, _called, driver.Capabilities);

    // After a restart of the balancer, a fleet that may sleep is asleep if nothing of it runs: it was stopped because nobody asked.
    private void Begin(ScaleRules rules)
    {
        bool isAsleep = rules.Minimum == 0 && changes.Kept().Count > 0
            && roster.Members.All(m => m.Incarnation.State is ReplicaState.Kept or ReplicaState.Stopped);
        _scaler.Reset();
        _idle.Reset();
        if (options.Current.Scale.Asleep == ScaleAsleep.Pause && !driver.Capabilities.PausesReplicas)
        {
            log.Warning("pause_unavailable", ("driver", driver.Name), ("why", "its replicas cannot be paused, and are stopped when the service sleeps"));
        }

        Enter(isAsleep ? ScaleState.Asleep : ScaleState.Awake, isAsleep ? "it was asleep when the balancer started" : "the load is not known yet");
    }

    // The size does not follow the load any more: what is kept runs again.
    private void EndScaling()
    {
        if (_mode == ScaleState.Fixed)
        {
            return;
        }

        if (_mode is ScaleState.Asleep or ScaleState.Waking)
        {
            changes.Start(changes.Kept().Count, "the size of the fleet does not follow the load any more");
        }

        Enter(ScaleState.Fixed, "");
        FinishCalls();
    }

    private void LookAtReplicas(ScaleRules rules)
    {
        if (_mode == ScaleState.Awake)
        {
            return;
        }

        if (roster.InRotation().Count > 0)
        {
            Incarnation first = roster.InRotation()[0];
            string why = _mode == ScaleState.Asleep ? $"{first.Replica!.Name} runs: {first.Why}" : _why;
            _scaler.Reset();
            _idle.Reset();
            Enter(ScaleState.Awake, why);
        }
        else if (_mode == ScaleState.Waking && !changes.IsOneComing)
        {
            if (changes.Count(rules.InFlight).There == 0)
            {
                changes.StartFirst(Math.Max(1, rules.Minimum), _why);
            }
            else
            {
                Enter(ScaleState.Broken, roster.Members.Where(m => m.Failures > 0).Select(m => $"{m.Name}: {m.Incarnation.Why}").FirstOrDefault() ?? _why);
            }
        }
    }

    private void Wake(string why)
    {
        Enter(ScaleState.Waking, why);
        foreach (Member member in roster.Members)
        {
            // What failed before the sleep has its tries again.
            member.Failures = 0;
        }

        // What is just being stopped is started when it has ended.
        changes.StartFirst(Math.Max(1, RulesNow()?.Minimum ?? 1), why);
    }

    private void FallAsleep(string why)
    {
        _decision = null;
        Enter(ScaleState.Asleep, why);
        bool pauses = options.Current.Scale.Asleep == ScaleAsleep.Pause && driver.Capabilities.PausesReplicas;
        membership.Keep([.. roster.Members], why, pauses ? StopKind.Pause : StopKind.Keep);
    }

    private void Enter(ScaleState mode, string why)
    {
        if (mode == ScaleState.Broken)
        {
            log.Error("fleet_broken", ("why", why));
        }
        else if (mode is ScaleState.Asleep or ScaleState.Waking || _mode is ScaleState.Asleep or ScaleState.Waking or ScaleState.Broken)
        {
            string name = mode switch { ScaleState.Asleep => "fleet_asleep", ScaleState.Waking => "fleet_waking", _ => "fleet_awake" };
            log.Info(name, ("was", _mode.ToString().ToLowerInvariant()), ("why", why));
        }

        _mode = mode;
        _since = time.GetUtcNow();
        _why = why;
        _decision = null;
        _next = mode switch
        {
            ScaleState.Asleep => "the first request wakes it",
            ScaleState.Waking => "requests wait for the first replica",
            ScaleState.Broken => "it is tried again, with growing pauses",
            _ => "",
        };
        cell.IsAsleep = mode is ScaleState.Asleep or ScaleState.Waking;
    }

    private void FinishCalls()
    {
        foreach (SleepOperation operation in _waiting.ToArray())
        {
            bool isWoken = _mode is ScaleState.Awake or ScaleState.Fixed;
            bool isOver = operation.Wakes ? isWoken || _mode == ScaleState.Broken
                : _mode != ScaleState.Asleep || roster.Members.All(m => m.Incarnation.State is ReplicaState.Kept or ReplicaState.Stopped);
            if (isOver)
            {
                operation.Refusal = operation.Wakes && !isWoken ? new CallRefusal(CallRefusalKind.Failed, $"it could not be started: {_why}")
                    : !operation.Wakes && _mode != ScaleState.Asleep ? new CallRefusal(CallRefusalKind.Conflict, $"it wakes again: {_why}")
                    : null;
                _waiting.Remove(operation);
                calls.Finish(operation);
            }
        }
    }

    private string? MemoryLack(long? availableMiB)
    {
        int limit = driver.Capabilities.NeedsEngine ? options.Current.Docker.MemoryMiB : 0;
        return limit > 0 && availableMiB < limit
            ? $"starts none: a new one may need {limit} MiB (Edge:Docker:MemoryMiB), and {availableMiB} MiB are free" : null;
    }
}
