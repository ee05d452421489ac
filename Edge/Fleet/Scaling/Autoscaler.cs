using System.Globalization;
using Edge.Routing;

namespace Edge.Fleet;

/// <summary>
/// Decides how many replicas a fleet needs, once a second, from the load that is offered. It starts quickly and ends slowly. It has no clock and does
/// nothing itself, so that a simulation asks the same one.
/// </summary>
internal sealed class Autoscaler
{
    /// <summary>From one end to the next.</summary>
    internal static readonly TimeSpan BetweenEnds = TimeSpan.FromSeconds(30);

    /// <summary>A backlog is to be worked off within this time at least, or within that of a start where it is longer.</summary>
    internal static readonly TimeSpan BacklogTime = TimeSpan.FromSeconds(5);

    // How many times as many as there are in rotation a sudden load has to need; and how much more than it should it has to have in flight, so that a load
    // just below what one replica should have, which comes at random, is no sudden one now and then.
    private const double PanicAt = 1.5;
    private const double PanicLoad = 1.25;

    private readonly LoadWindow _load = new();
    private readonly RecentMost _needed = new();
    private TimeSpan? _began;
    private TimeSpan _panicEnds = TimeSpan.MinValue;
    private int _panicNeeds;
    private int _burstNeeds;
    private TimeSpan _lastEnd = TimeSpan.MinValue;
    private TimeSpan _callsHoldUntil = TimeSpan.MinValue;
    private int _byCalls;

    /// <summary>Decides.</summary>
    /// <param name="load">What is counted by now.</param>
    /// <param name="fleet">The replicas now.</param>
    /// <param name="now">The time since any moment; it never goes back.</param>
    /// <param name="rules">Those that hold now.</param>
    internal ScaleDecision Decide(in LoadFigures load, in FleetSize fleet, TimeSpan now, ScaleRules rules)
    {
        _began ??= now;
        _load.Add(load, fleet.Queued, rules.InFlight, now, rules.Window > rules.Burst ? rules.Window : rules.Burst);
        (int needs, string why) = Needs(fleet, now, rules);
        int target = Math.Clamp(needs, Math.Max(1, rules.Minimum), Math.Max(1, rules.Maximum));
        string whole = target > needs ? $"needs {needs}, and has at least {target}: {why}"
            : target < needs ? $"needs {needs}, and may have {target}: {why}"
            : $"needs {target}: {why}";
        if (now >= _callsHoldUntil)
        {
            _byCalls = 0;
        }

        // What short bursts need counts, too: otherwise a load that swings would have replicas ended and started again each time.
        int most = _needed.Add(Math.Max(target, Math.Min(_burstNeeds, rules.Maximum)), now, rules.Down);
        bool isSettled = now - _began.Value >= rules.Down;
        return Decided(fleet, now, target, whole, isSettled ? most : Math.Max(most, fleet.There), rules);
    }

    /// <summary>A call has added replicas, or removed some: for a while that is not countered.</summary>
    /// <param name="by">How many more there are; fewer are negative.</param>
    /// <param name="now">The time.</param>
    /// <param name="rules">Those that hold now.</param>
    internal void NoteCall(int by, TimeSpan now, ScaleRules rules)
    {
        _byCalls = (now < _callsHoldUntil ? _byCalls : 0) + by;
        _callsHoldUntil = now + rules.Down;
    }

    /// <summary>The fleet was asleep, or its size did not follow the load: begins again.</summary>
    internal void Reset()
    {
        _load.Reset();
        _needed.Clear();
        _began = null;
        _panicNeeds = _byCalls = 0;
        _panicEnds = _lastEnd = _callsHoldUntil = TimeSpan.MinValue;
    }

    private (int Needs, string Why) Needs(in FleetSize fleet, TimeSpan now, ScaleRules rules)
    {
        double target = rules.Target;
        double calmLoad = _load.Over(rules.Window).Offered;
        (double rate, double burstLoad) = _load.Over(rules.Burst);
        int calm = (int)Math.Ceiling(calmLoad / target), burst = (int)Math.Ceiling(burstLoad / target);
        int needs = calm;
        _burstNeeds = burst;
        string why = $"{Shown(calmLoad)} in flight over {Seconds(rules.Window)}, {Shown(target)} a replica";
        if (burst >= PanicAt * Math.Max(1, fleet.Ready) && burstLoad >= PanicLoad * target * Math.Max(1, fleet.Ready))
        {
            _panicEnds = now + rules.Window;
        }

        if (now < _panicEnds)
        {
            if (burst > _panicNeeds && burst > calm)
            {
                why = $"{Shown(burstLoad)} in flight over {Seconds(rules.Burst)}, {Shown(target)} a replica";
            }
            else if (_panicNeeds > calm)
            {
                why = $"so many were needed within the last {Seconds(rules.Window)}; {why}";
            }

            needs = _panicNeeds = Math.Max(_panicNeeds, Math.Max(calm, burst));
        }
        else
        {
            _panicNeeds = 0;
        }

        return WithBacklog(needs, why, rate, fleet, rules);
    }

    // More than the load needs, for a while, so that those that wait do not wait for long.
    private (int Needs, string Why) WithBacklog(int needs, string why, double rate, in FleetSize fleet, ScaleRules rules)
    {
        double backlog = _load.Backlog;
        double each = _load.ServiceSeconds > 0 ? rules.Target / _load.ServiceSeconds : double.MaxValue;

        // What one replica works off in a second is no backlog: where requests come at random, some always wait.
        if (backlog < each)
        {
            return (needs, why);
        }

        double within = Math.Max(BacklogTime.TotalSeconds, fleet.StartTime.TotalSeconds);
        double spare = Math.Max(1, needs) * each - rate;
        if (spare > 0 && backlog / spare <= within)
        {
            return (needs, why);
        }

        int more = (int)Math.Min(int.MaxValue / 2, Math.Ceiling((rate + backlog / within) / each));
        return more <= needs ? (needs, why)
            : (more, $"{Shown(backlog)} wait, to be worked off within {Shown(within)} s beside {Shown(rate)} more a second");
    }

    private ScaleDecision Decided(in FleetSize fleet, TimeSpan now, int target, string why, int most, ScaleRules rules)
    {
        int there = fleet.There;
        if (fleet.Rest is { } rest)
        {
            return new ScaleDecision(target, 0, 0, why, rest);
        }

        int missing = target + Math.Min(0, _byCalls) - there;
        if (missing > 0)
        {
            int start = Math.Max(0, Math.Min(missing, rules.Starting - fleet.Starting));
            return fleet.NoStart is { } lack ? new ScaleDecision(target, 0, 0, why, lack)
                : start == 0 ? new ScaleDecision(target, 0, 0, why, $"starts {missing} more when one of the {fleet.Starting} that are starting is up")
                : new ScaleDecision(target, start, 0, why, $"starts {start} of {missing}");
        }

        int surplus = there - most - Math.Max(0, _byCalls);
        if (target < there && surplus <= 0)
        {
            return new ScaleDecision(target, 0, 0, why, there > most
                ? $"ends none of those that a call added for {Seconds(rules.Down)}"
                : $"ends one when fewer than {there} have been enough for {Seconds(rules.Down)}");
        }

        if (surplus <= 0)
        {
            return new ScaleDecision(target, 0, 0, why, fleet.Starting > 0 ? $"{fleet.Starting} of them are starting" : "");
        }

        if (fleet.Endable == 0)
        {
            return new ScaleDecision(target, 0, 0, why, "ends none: the balancer made none of them");
        }

        if (fleet.Starting > 0 || (_lastEnd != TimeSpan.MinValue && now - _lastEnd < BetweenEnds))
        {
            return new ScaleDecision(target, 0, 0, why, $"ends {surplus} more, one each {Seconds(BetweenEnds)}");
        }

        _lastEnd = now;
        return new ScaleDecision(target, 0, 1, why, $"ends 1 of {surplus}, one each {Seconds(BetweenEnds)}");
    }

    private static string Shown(double number) => number.ToString(number < 9.95 ? "0.#" : "0", CultureInfo.InvariantCulture);

    private static string Seconds(TimeSpan time) => time.TotalSeconds < 120 || time.Seconds != 0
        ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.###} s")
        : string.Create(CultureInfo.InvariantCulture, $"{time.TotalMinutes:0} min");
}
