using Edge.Fleet;
using Edge.Routing;

namespace Edge.Simulate;

/// <summary>
/// A balancer, a fleet and clients, event by event: requests come at random, go to the replica with the fewest, and each replica works at 20 of them at a
/// time. Once a second a rule decides about the fleet.
/// </summary>
internal sealed class ScaleWorld(ScaleCase of, IScaleRule rule, ulong seed)
{
    // Long enough that the windows are full, and that nothing is left of the beginning.
    private const int WarmUp = 400;
    private const double Patience = 30;

    private readonly PriorityQueue<(double At, double Came, ScaleReplica Replica), double> _ends = new();
    private readonly List<ScaleReplica> _replicas = [];
    private readonly List<double> _times = [];
    private readonly List<int> _sizes = [];
    private Chance _chance = new(seed);
    private double _now;
    private double _busy;
    private long _begun;
    private long _ended;
    private int _failed;
    private int _starts;
    private double? _first;

    internal ScaleResult Run()
    {
        for (int i = 0; i < (int)Math.Ceiling(RateAt(0) * of.Service / ScaleRuns.Rules.Target); i++)
        {
            _replicas.Add(new ScaleReplica(0));
        }

        double next = 0;
        for (int second = 0; second < WarmUp + of.Seconds; second++)
        {
            double inFlight = 0, before = _busy;
            for (; next < second + 1; next += -Math.Log(1 - _chance.Share()) / RateAt(second))
            {
                inFlight += Pass(Math.Max(next, second));
                Come(next);
            }

            inFlight += Pass(second + 1);
            Decide(second + 1, inFlight, before);
        }

        double[] times = [.. _times.Order()];
        int[] sizes = [.. _sizes.Skip(WarmUp)];
        return new ScaleResult(of, rule.Name, sizes.Max(), _starts, Turns(sizes), _first, times[(int)(times.Length * 0.99)], _failed, sizes);
    }

    private double RateAt(int second) => of.Rate(Math.Max(0, second - WarmUp));

    // Lets time pass; returns what was in flight meanwhile, waiting ones among it, times the seconds.
    private double Pass(double until)
    {
        double inFlight = 0;
        while (_ends.TryPeek(out (double At, double Came, ScaleReplica Replica) end, out double at) && at <= until)
        {
            inFlight += Advance(at);
            _ends.Dequeue();
            Leave(end.Came, end.Replica);
        }

        return inFlight + Advance(until);
    }

    private double Advance(double to)
    {
        double seconds = Math.Max(0, to - _now);
        int all = _replicas.Sum(replica => replica.InFlight);
        _now = Math.Max(_now, to);
        _busy += all * seconds;
        return all * seconds;
    }

    private void Come(double at)
    {
        _begun++;
        ScaleReplica replica = _replicas.Where(one => !one.IsEnding && one.Up <= at).MinBy(one => one.InFlight)!;
        if (replica.Working < ScaleRuns.Rules.InFlight)
        {
            Work(replica, at, at);
        }
        else
        {
            replica.Inside.Enqueue(at);
        }
    }

    private void Work(ScaleReplica replica, double came, double now)
    {
        replica.Working++;
        double end = now + of.Service * (0.5 + _chance.Share());
        _ends.Enqueue((end, came, replica), end);
    }

    private void Leave(double came, ScaleReplica replica)
    {
        _ended++;
        replica.Working--;
        if (_now >= WarmUp)
        {
            _times.Add(_now - came);
            _failed += _now - came > Patience ? 1 : 0;
        }

        if (replica.Inside.TryDequeue(out double waited))
        {
            Work(replica, waited, _now);
        }
        else if (replica is { IsEnding: true, Working: 0 })
        {
            _replicas.Remove(replica);
        }
    }

    private void Decide(int second, double inFlight, double before)
    {
        ScaleReplica[] there = [.. _replicas.Where(replica => !replica.IsEnding)];
        int ready = there.Count(replica => replica.Up <= _now);
        var size = new FleetSize(ready, there.Length - ready)
        {
            Endable = there.Length,
            Queued = there.Sum(replica => Math.Max(0, replica.InFlight - ScaleRuns.Rules.InFlight)),
            StartTime = TimeSpan.FromSeconds((of.StartLeast + of.StartMost) / 2),
        };
        var load = new LoadFigures((long)(_busy * 1e9), _begun, _ended, 0);
        (int start, int end) = rule.Decide(load, inFlight > 0 ? inFlight : _busy - before, size, second);
        for (int i = 0; i < start; i++)
        {
            _replicas.Add(new ScaleReplica(_now + of.StartLeast + _chance.Share() * (of.StartMost - of.StartLeast)));
        }

        if (second > WarmUp)
        {
            _starts += start;
            _first ??= start > 0 ? second - WarmUp - FirstLarger() : null;
        }

        foreach (ScaleReplica victim in there.Where(replica => replica.Up <= _now).OrderBy(replica => replica.InFlight).Take(end).ToArray())
        {
            victim.IsEnding = true;
            if (victim.InFlight == 0)
            {
                _replicas.Remove(victim);
            }
        }

        _sizes.Add(_replicas.Count(replica => !replica.IsEnding));
    }

    private int FirstLarger() => Enumerable.Range(0, of.Seconds).FirstOrDefault(second => of.Rate(second) > of.Rate(0));

    private static int Turns(int[] sizes)
    {
        int turns = 0, way = 0;
        for (int i = 1; i < sizes.Length; i++)
        {
            int now = Math.Sign(sizes[i] - sizes[i - 1]);
            turns += now != 0 && way != 0 && now != way ? 1 : 0;
            way = now != 0 ? now : way;
        }

        return turns;
    }
}
