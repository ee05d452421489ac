using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Edge.Fleet;

namespace Edge.Tests.Fleet;

/// <summary>
/// An engine in memory with people at it, who run, stop, start, kill, rename and remove what they like, as chance has it. Its calls take
/// their time and fail now and then, its events are lost with its stream, and its lists are old when they arrive.
/// </summary>
internal sealed class RestlessWorld(Random random) : IReplicaDriver
{
    private static readonly string[] s_names = ["web_1", "web_2", "web_3", "server_1", "server_2", "server_3"];

    private readonly Lock _lock = new();
    private readonly List<RestlessUnit> _units = [];
    private readonly List<TaskCompletionSource> _underWay = [];
    // A watch that is called off may begin only after the next one of the same replica has begun, so each has an entry of its own.
    private readonly List<(string Id, Action<HealthVerdict, string> Report)> _watched = [];
    private Channel<DriverEvent> _events = Channel.CreateUnbounded<DriverEvent>();
    private bool _isCalm;
    private bool _isDeaf;
    private int _made;

    public string Name => "restless";

    public DriverCapabilities Capabilities { get; } = new() { StartsReplicas = true, SeesEnds = true, InflictsFaults = false };

    /// <summary>What runs: the driver's ids, in order.</summary>
    internal string[] Running
    {
        get
        {
            lock (_lock)
            {
                return [.. _units.Where(u => u.Runs).Select(u => u.Observed.Id).Order()];
            }
        }
    }

    /// <summary>What is watched by health checks.</summary>
    internal string[] Watched
    {
        get
        {
            lock (_lock)
            {
                return [.. _watched.Select(w => w.Id).Order()];
            }
        }
    }

    /// <summary>Something happens.</summary>
    internal void Happen()
    {
        lock (_lock)
        {
            RestlessUnit? unit = _units.Count == 0 ? null : _units[random.Next(_units.Count)];
            switch (random.Next(14))
            {
                case 0 or 1:
                    Run(s_names[random.Next(s_names.Length)], random.Next(4) == 0 ? ReplicaOrigin.Listed : ReplicaOrigin.Adopted);
                    break;
                case 2 when unit is { Runs: true }:
                    End(unit, mayBeStopped: random.Next(2) == 0);
                    break;
                case 3 when unit is { Runs: true }:
                    Stop(unit);
                    break;
                case 4 or 5 when unit is { Runs: false }:
                    Start(unit);
                    break;
                case 6 when unit is not null:
                    Remove(unit);
                    break;
                case 7 when unit is not null:
                    Rename(unit, random.Next(2) == 0 ? s_names[random.Next(s_names.Length)] : $"x{_made}_{unit.Name}");
                    break;
                case 8 when unit is not null && _units[random.Next(_units.Count)] is var other && other != unit:
                    (string one, string two) = (unit.Name, other.Name);
                    Rename(unit, "between");
                    Rename(other, one);
                    Rename(unit, two);
                    break;
                case 9 when unit is { Runs: true }:
                    Replace(unit);
                    break;
                case 10 when unit is { Runs: true }:
                    unit.Objection = unit.Objection is null ? "it is to end" : null;
                    Say(new DriverEvent.Objected(unit.Observed.Id, unit.Name, unit.Objection, IsEnding: random.Next(2) == 0));
                    break;
                case 11:
                    _isDeaf = true;
                    break;
                case 12:
                    LoseSight();
                    break;
                case 13:
                    Say(new DriverEvent.Watching());
                    break;
            }
        }
    }

    /// <summary>A call that is under way comes to its end, and a health check to a verdict.</summary>
    internal void GoOn()
    {
        TaskCompletionSource? due = null;
        Action<HealthVerdict, string>? report = null;
        HealthVerdict verdict;
        lock (_lock)
        {
            if (_underWay.Count > 0)
            {
                due = _underWay[random.Next(_underWay.Count)];
                _underWay.Remove(due);
            }

            report = _watched.Count > 0 ? _watched[random.Next(_watched.Count)].Report : null;
            verdict = random.Next(3) == 0 ? (HealthVerdict)random.Next(6) : HealthVerdict.Passed;
        }

        due?.SetResult();
        report?.Invoke(verdict, "as chance has it");
    }

    /// <summary>From now on nothing happens, all calls succeed at once, and all replicas are well.</summary>
    internal void CalmDown()
    {
        List<TaskCompletionSource> due;
        lock (_lock)
        {
            _isCalm = true;
            due = [.. _underWay];
            _underWay.Clear();
            _units.ForEach(u => u.Objection = null);
            LoseSight();
        }

        due.ForEach(d => d.SetResult());
        PassAll();
    }

    /// <summary>All replicas pass a check, and it is time to list again.</summary>
    internal void PassAll()
    {
        Action<HealthVerdict, string>[] reports;
        lock (_lock)
        {
            Say(new DriverEvent.Watching());
            reports = [.. _watched.Select(w => w.Report)];
        }

        Array.ForEach(reports, report => report(HealthVerdict.Passed, "it is well"));
    }

    internal async Task WatchHealthAsync(ObservedReplica replica, Action<HealthVerdict, string> report, CancellationToken cancellation)
    {
        bool isCalm;
        lock (_lock)
        {
            _watched.Add((replica.Id, report));
            isCalm = _isCalm;
        }

        if (isCalm)
        {
            report(HealthVerdict.Passed, "it is well");
        }

        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellation);
        }
        finally
        {
            lock (_lock)
            {
                _watched.Remove((replica.Id, report));
            }
        }
    }

    public async Task<ReplicaListing> ListAsync(CancellationToken cancellation)
    {
        ReplicaListing listing;
        lock (_lock)
        {
            listing = new ReplicaListing(
                [.. _units.Where(u => u.Runs).Select(u => u.Observed)],
                [.. _units.Where(u => !u.Runs && u.Origin != ReplicaOrigin.Listed).Select(u => new ReplicaSpec(u.Name, 1, u.Id, u.Origin))]);
        }

        await TakeTimeAsync(cancellation);
        return listing;
    }

    public async Task<ReplicaImage> ImageAsync(CancellationToken cancellation)
    {
        await TakeTimeAsync(cancellation);
        lock (_lock)
        {
            return _isCalm || random.Next(4) > 0 ? new ReplicaImage("app:1") : throw new DriverException((DriverFailure)random.Next(2), "as chance has it");
        }
    }

    public async Task<ReplicaImage> FindImageAsync(string name, bool pulls, CancellationToken cancellation)
    {
        await TakeTimeAsync(cancellation);
        return new ReplicaImage(name);
    }

    public async Task<IReadOnlyList<string>> LastLinesAsync(string unitId, int count, CancellationToken cancellation)
    {
        await TakeTimeAsync(cancellation);
        return [];
    }

    public async Task<ObservedReplica> StartAsync(ReplicaSpec spec, CancellationToken cancellation)
    {
        await TakeTimeAsync(cancellation);
        lock (_lock)
        {
            if (!_isCalm && random.Next(3) == 0)
            {
                throw new DriverException((DriverFailure)random.Next(5), "as chance has it");
            }

            RestlessUnit? unit = _units.Find(u => u.Id == spec.UnitId);
            if (unit is null && (spec.Origin != ReplicaOrigin.Made || _units.Exists(u => u.Name == spec.Name)))
            {
                throw new DriverException(spec.Origin == ReplicaOrigin.Made ? DriverFailure.NameTaken : DriverFailure.Gone, "it is not there");
            }

            if (unit is null)
            {
                unit = Run(spec.Name, ReplicaOrigin.Made)!;
            }
            else if (!unit.Runs)
            {
                Start(unit);
            }

            return unit.Observed;
        }
    }

    public async Task<ReplicaEnd> StopAsync(string unitId, StopKind kind, string why, CancellationToken cancellation)
    {
        await TakeTimeAsync(cancellation);
        lock (_lock)
        {
            if (!_isCalm && random.Next(4) == 0)
            {
                throw new DriverException(DriverFailure.Failed, "as chance has it");
            }

            if (_units.Find(u => u.Id == unitId) is { } unit)
            {
                unit.Runs = false;
                if (kind == StopKind.Remove || unit.Origin == ReplicaOrigin.Made)
                {
                    _units.Remove(unit);
                }
            }

            return default;
        }
    }

    public async Task ForgetAsync(string unitId, string why, CancellationToken cancellation)
    {
        await TakeTimeAsync(cancellation);
        lock (_lock)
        {
            _units.RemoveAll(u => u.Id == unitId);
        }
    }

    public Task InflictAsync(string unitId, ReplicaFault fault, CancellationToken cancellation) => throw new NotSupportedException();

    public async IAsyncEnumerable<DriverEvent> WatchAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        ChannelReader<DriverEvent> events;
        lock (_lock)
        {
            _isDeaf = false;
            events = _events.Reader;
        }

        yield return new DriverEvent.Watching();
        await foreach (DriverEvent happened in events.ReadAllAsync(cancellation))
        {
            yield return happened;
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async Task TakeTimeAsync(CancellationToken cancellation)
    {
        var end = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (_isCalm || random.Next(3) == 0)
            {
                return;
            }

            _underWay.Add(end);
        }

        await end.Task.WaitAsync(cancellation);
    }

    // Null where the name is taken.
    private RestlessUnit? Run(string name, ReplicaOrigin origin)
    {
        if (_units.Exists(u => u.Name == name))
        {
            return null;
        }

        var unit = new RestlessUnit($"u{++_made}", name, origin);
        _units.Add(unit);
        Say(new DriverEvent.Started(unit.Observed));
        return unit;
    }

    private void Start(RestlessUnit unit)
    {
        unit.Life++;
        unit.Runs = true;
        unit.Objection = null;
        Say(new DriverEvent.Started(unit.Observed));
    }

    private void End(RestlessUnit unit, bool mayBeStopped)
    {
        unit.Runs = false;
        Say(new DriverEvent.Died(unit.Observed.Id, unit.Name, "it ended", mayBeStopped));
    }

    private void Stop(RestlessUnit unit)
    {
        End(unit, mayBeStopped: true);
        Say(new DriverEvent.StoppedFromOutside(unit.Id, "it was stopped"));
    }

    private void Remove(RestlessUnit unit)
    {
        if (unit.Runs)
        {
            End(unit, mayBeStopped: false);
        }

        _units.Remove(unit);
        Say(new DriverEvent.Removed(unit.Id, "it was removed"));
    }

    private void Rename(RestlessUnit unit, string name)
    {
        if (!_units.Exists(u => u.Name == name))
        {
            unit.Name = name;
            Say(new DriverEvent.Renamed(unit.Id, name));
        }
    }

    // As Compose 1 does it.
    private void Replace(RestlessUnit unit)
    {
        string name = unit.Name;
        Stop(unit);
        Rename(unit, $"x{_made}_{name}");
        Run(name, ReplicaOrigin.Adopted);
        Remove(unit);
    }

    private void Say(DriverEvent happened)
    {
        if (!_isDeaf)
        {
            _events.Writer.TryWrite(happened);
        }
    }

    private void LoseSight()
    {
        Channel<DriverEvent> old = _events;
        _events = Channel.CreateUnbounded<DriverEvent>();
        _isDeaf = true;
        old.Writer.Complete(new DriverException(DriverFailure.Unavailable, "connection lost"));
    }
}
