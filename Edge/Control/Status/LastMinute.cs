using Edge.Routing;
using Edge.Telemetry;

namespace Edge.Control;

/// <summary>Makes figures of the last minute from counters, which only grow: every few seconds it notes their values. From any thread.</summary>
internal sealed class LastMinute : IDisposable
{
    internal static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private const int Notes = 12;

    private readonly IPlaneFigures _plane;
    private readonly Func<IEnumerable<Replica>> _replicas;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private readonly Lock _lock = new();
    private readonly Queue<Note> _clients = new();
    private readonly Dictionary<Replica, Queue<Note>> _notes = [];

    /// <param name="plane">The figures of the loops.</param>
    /// <param name="replicas">The present replicas; others are forgotten.</param>
    /// <param name="time">The clock of the notes.</param>
    internal LastMinute(IPlaneFigures plane, Func<IEnumerable<Replica>> replicas, TimeProvider time)
    {
        (_plane, _replicas, _time) = (plane, replicas, time);
        _clients.Enqueue(OfClients());
        _timer = time.CreateTimer(_ => Take(), null, Interval, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The figures of a replica in the last minute, or since it has been known.</summary>
    internal RecentFigures Of(Replica replica)
    {
        lock (_lock)
        {
            return _notes.TryGetValue(replica, out Queue<Note>? notes) ? Since(notes.Peek(), OfReplica(replica)) : default;
        }
    }

    /// <summary>The figures of all clients in the last minute.</summary>
    internal RecentFigures OfAll()
    {
        lock (_lock)
        {
            return Since(_clients.Peek(), OfClients());
        }
    }

    public void Dispose() => _timer.Dispose();

    private void Take()
    {
        lock (_lock)
        {
            Add(_clients, OfClients());
            var there = new HashSet<Replica>(_replicas());
            foreach (Replica gone in _notes.Keys.Where(replica => !there.Contains(replica)).ToArray())
            {
                _notes.Remove(gone);
            }

            foreach (Replica replica in there)
            {
                if (!_notes.TryGetValue(replica, out Queue<Note>? notes))
                {
                    _notes[replica] = notes = new Queue<Note>();
                }

                Add(notes, OfReplica(replica));
            }
        }

        _timer.Change(Interval, Timeout.InfiniteTimeSpan);
    }

    private static void Add(Queue<Note> notes, Note note)
    {
        if (notes.Count > Notes)
        {
            notes.Dequeue();
        }

        notes.Enqueue(note);
    }

    private Note OfClients()
    {
        LoopCounters now = _plane.Figures();
        long failures = 0;
        foreach (long count in (ReadOnlySpan<long>)now.Failures)
        {
            failures += count;
        }

        return new Note(_time.GetTimestamp(), now.Ended, failures, now.Duration);
    }

    private Note OfReplica(Replica replica)
    {
        ReplicaCounters now = replica.Figures();
        return new Note(_time.GetTimestamp(), now.Ended, now.Failures, now.Response);
    }

    private RecentFigures Since(in Note then, in Note now) => new(
        _time.GetElapsedTime(then.At, now.At).TotalSeconds, now.Requests - then.Requests, now.Failures - then.Failures, now.Times.Since(then.Times));

    private readonly record struct Note(long At, long Requests, long Failures, Histogram Times);
}
