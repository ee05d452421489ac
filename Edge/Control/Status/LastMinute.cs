using Edge.Routing;
using Edge.Telemetry;

namespace Edge.Control;

/// <summary>
/// Makes figures of the last minute, and a history of the last minutes, from counters, which only grow: every few seconds it notes their values. From any
/// thread.
/// </summary>
internal sealed class LastMinute : IDisposable
{
    internal static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    /// <summary>How many steps of this length the history of clients and services has: five minutes.</summary>
    internal const int Points = 60;

    private readonly IPlaneFigures _plane;
    private readonly Func<IEnumerable<Replica>> _replicas;
    private readonly Func<IEnumerable<Service>> _services;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private readonly Lock _lock = new();
    private readonly FigureNotes _clients;
    private readonly Dictionary<Replica, FigureNotes> _ofReplicas = [];
    private readonly Dictionary<Service, FigureNotes> _ofServices = [];
    private long _turn;

    /// <param name="plane">The figures of the loops.</param>
    /// <param name="replicas">The present replicas; others are forgotten.</param>
    /// <param name="services">The present services; others are forgotten.</param>
    /// <param name="time">The clock of the notes.</param>
    internal LastMinute(IPlaneFigures plane, Func<IEnumerable<Replica>> replicas, Func<IEnumerable<Service>> services, TimeProvider time)
    {
        (_plane, _replicas, _services, _time) = (plane, replicas, services, time);
        _clients = new FigureNotes(time, Points);
        _clients.Add(OfClients());
        Take(_ofServices, services(), OfService, Points);
        _timer = time.CreateTimer(_ => Take(), null, Interval, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The figures of a replica in the last minute, or since it has been known.</summary>
    internal RecentFigures Of(Replica replica)
    {
        lock (_lock)
        {
            return _ofReplicas.TryGetValue(replica, out FigureNotes? notes) ? notes.Since(OfReplica(replica)) : default;
        }
    }

    /// <summary>The figures of the clients of one service in the last minute, or since it has been known.</summary>
    /// <param name="service">Which.</param>
    /// <param name="now">Its counters now.</param>
    internal RecentFigures Of(Service service, in ServiceCounters now)
    {
        lock (_lock)
        {
            return _ofServices.TryGetValue(service, out FigureNotes? notes) ? notes.Since(NoteOf(now)) : default;
        }
    }

    /// <summary>The figures of all clients in the last minute.</summary>
    internal RecentFigures OfAll()
    {
        lock (_lock)
        {
            return _clients.Since(OfClients());
        }
    }

    /// <summary>The history of all clients, the oldest point first.</summary>
    internal HistoryPoint[] History()
    {
        lock (_lock)
        {
            return _clients.Points;
        }
    }

    /// <summary>The history of the clients of one service.</summary>
    internal HistoryPoint[] History(Service service)
    {
        lock (_lock)
        {
            return _ofServices.TryGetValue(service, out FigureNotes? notes) ? notes.Points : [];
        }
    }

    /// <summary>The history of one replica: of the last minute.</summary>
    internal HistoryPoint[] History(Replica replica)
    {
        lock (_lock)
        {
            return _ofReplicas.TryGetValue(replica, out FigureNotes? notes) ? notes.Points : [];
        }
    }

    public void Dispose() => _timer.Dispose();

    private void Take()
    {
        lock (_lock)
        {
            _turn++;
            _clients.Add(OfClients());
            Take(_ofReplicas, _replicas(), OfReplica, points: 0);
            Take(_ofServices, _services(), OfService, Points);
        }

        _timer.Change(Interval, Timeout.InfiniteTimeSpan);
    }

    private void Take<T>(Dictionary<T, FigureNotes> all, IEnumerable<T> present, Func<T, FigureNotes.Note> noteOf, int points) where T : class
    {
        int there = 0;
        foreach (T one in present)
        {
            if (!all.TryGetValue(one, out FigureNotes? notes))
            {
                all[one] = notes = new FigureNotes(_time, points);
            }

            notes.Turn = _turn;
            notes.Add(noteOf(one));
            there++;
        }

        // Looked for only where there are more than now, because this happens all the time.
        if (all.Count > there)
        {
            foreach (T gone in all.Where(one => one.Value.Turn != _turn).Select(one => one.Key).ToArray())
            {
                all.Remove(gone);
            }
        }
    }

    private FigureNotes.Note OfClients() => NoteOf(_plane.Figures().Requests);

    private FigureNotes.Note OfService(Service service) => NoteOf(_plane.Figures(service));

    private FigureNotes.Note NoteOf(in ServiceCounters now) => new(_time.GetTimestamp(), now.Ended, now.Failed, now.Errors, now.InFlight, now.Duration);

    private FigureNotes.Note OfReplica(Replica replica)
    {
        ReplicaCounters now = replica.Figures();
        return new(_time.GetTimestamp(), now.Ended, now.Failures, now.Failures, now.InFlight, now.Response);
    }
}
