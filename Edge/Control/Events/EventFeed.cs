using System.Globalization;
using System.Text;
using System.Text.Json;
using Edge.Config;
using Edge.Fleet;

namespace Edge.Control;

/// <summary>
/// The events of the balancer as server-sent events (HTML Living Standard §9.2). Each event is written once, into a ring, and all listeners read from
/// the ring, each at its own position. So a listener costs one number. A listener that reads more slowly than events come is cut when its position is
/// written over; it may come back with the last id that it got. From any thread.
/// </summary>
internal sealed class EventFeed
{
    private readonly Lock _lock = new();
    private readonly TimeProvider _time;
    private readonly string _epoch;
    private readonly byte[][] _ring = new byte[Limits.EventsKept][];
    private TaskCompletionSource _news = NewNews();
    private readonly Lock _looking = new();
    private readonly Dictionary<string, FleetSnapshot> _fleets = new(StringComparer.Ordinal);
    private long _count;
    private int _listeners;
    private bool _closed;

    /// <param name="time">The clock of the events and of the heartbeats.</param>
    internal EventFeed(TimeProvider time)
    {
        _time = time;

        // A process that took over, or that was started later, has other events under the same numbers.
        _epoch = time.GetUtcNow().ToUnixTimeMilliseconds().ToString("x", CultureInfo.InvariantCulture);
    }

    internal TimeProvider Time => _time;

    /// <summary>How many listeners there are now.</summary>
    internal int Listeners
    {
        get
        {
            lock (_lock)
            {
                return _listeners;
            }
        }
    }

    /// <summary>A fleet may have changed: publishes the differences. For one fleet on one thread at a time.</summary>
    /// <param name="fleet">As it is now.</param>
    /// <param name="service">Whose it is; null for the default service.</param>
    internal void Look(FleetSnapshot fleet, string? service = null)
    {
        lock (_looking)
        {
            List<FleetEvent> changes = FleetEvents.Between(_fleets.GetValueOrDefault(service ?? "", FleetSnapshot.Empty), fleet);
            _fleets[service ?? ""] = fleet;
            changes.ForEach(happened => Publish(happened, service));
        }
    }

    /// <summary>A service beside the default one has come, or is no more.</summary>
    /// <param name="service">Its name.</param>
    /// <param name="isThere">Whether it has come.</param>
    internal void List(string service, bool isThere)
    {
        lock (_looking)
        {
            // What one of the same name has later is compared with nothing.
            _fleets.Remove(service);
        }

        Publish(new EventReport(_time.GetUtcNow(), isThere ? "service_added" : "service_removed", Service: service));
    }

    private void Publish(FleetEvent happened, string? service)
    {
        string kind = JsonNamingPolicy.SnakeCaseLower.ConvertName(happened.Kind.ToString());
        ReplicaSnapshot? replica = happened.Replica;
        Publish(new EventReport(
            _time.GetUtcNow(),
            kind,
            replica?.Name,
            replica?.State.ToString().ToLowerInvariant(),
            happened.Was?.ToString().ToLowerInvariant(),
            replica?.Address,
            replica?.Weight,
            happened.Why,
            service));
    }

    /// <summary>Publishes an event that is about no replica.</summary>
    /// <param name="kind">Of the event.</param>
    /// <param name="why">The reason.</param>
    /// <param name="service">Whom it is about; null for the default service, and for no service.</param>
    internal void Publish(string kind, string? why, string? service = null) =>
        Publish(new EventReport(_time.GetUtcNow(), kind, Why: why, Service: service));

    private void Publish(EventReport happened)
    {
        byte[] data = JsonSerializer.SerializeToUtf8Bytes(happened, ContractJson.Readable.EventReport);
        if (data.Length > Limits.EventBytes)
        {
            data = JsonSerializer.SerializeToUtf8Bytes(happened with { Why = null }, ContractJson.Readable.EventReport);
        }

        TaskCompletionSource news;
        lock (_lock)
        {
            if (_closed)
            {
                return;
            }

            _ring[_count % _ring.Length] = [.. Encoding.ASCII.GetBytes($"id: {IdOf(_count)}\nevent: {happened.Event}\ndata: "), .. data, .. "\n\n"u8];
            _count++;
            news = _news;
            _news = NewNews();
        }

        news.SetResult();
    }

    /// <summary>Adds a listener; null if there are too many, or if the feed has ended.</summary>
    /// <param name="lastId">The id of the last event that it got, from this or another process; null or any other text for a new listener.</param>
    internal EventListener? Listen(string? lastId)
    {
        lock (_lock)
        {
            if (_closed || _listeners == Limits.EventListeners)
            {
                return null;
            }

            _listeners++;
            long next = NextAfter(lastId) ?? -1;
            bool resumes = next >= Oldest && next <= _count;
            long start = resumes ? next : _count;

            // A client that hears nothing else comes back with the id of the greeting.
            string hello = $"retry: 1000\nid: {IdOf(start - 1)}\nevent: hello\ndata: {{\"resumed\":{(resumes ? "true" : "false")}}}\n\n";
            return new EventListener(this, start, Encoding.ASCII.GetBytes(hello));
        }
    }

    /// <summary>Ends the feed: listeners get the events that there are, and then the end.</summary>
    internal void Close()
    {
        lock (_lock)
        {
            _closed = true;
        }

        _news.TrySetResult();
    }

    internal void Leave()
    {
        lock (_lock)
        {
            _listeners--;
        }
    }

    /// <summary>Reads events from a position on, as many as fit into one piece.</summary>
    /// <param name="next">The position; afterwards the position behind the events that were read.</param>
    /// <param name="piece">Whole events; empty if there are none yet.</param>
    /// <param name="news">Completes with the next event.</param>
    /// <returns>False at the end: no event will come, or the events at the position are gone.</returns>
    internal bool TryRead(ref long next, out byte[] piece, out Task news)
    {
        lock (_lock)
        {
            news = _news.Task;
            piece = [];
            if (next < Oldest || (_closed && next == _count))
            {
                return false;
            }

            long from = next;
            int bytes = 0;
            while (next < _count && bytes + _ring[next % _ring.Length].Length <= Limits.LocalReplyPieceBytes)
            {
                bytes += _ring[next++ % _ring.Length].Length;
            }

            piece = new byte[bytes];
            for (int at = 0; from < next; from++)
            {
                byte[] one = _ring[from % _ring.Length];
                one.CopyTo(piece, at);
                at += one.Length;
            }

            return true;
        }
    }

    private long Oldest => Math.Max(0, _count - _ring.Length);

    private string IdOf(long number) => string.Create(CultureInfo.InvariantCulture, $"{_epoch}-{number}");

    private long? NextAfter(string? id) =>
        id is not null
        && id.StartsWith(_epoch + "-", StringComparison.Ordinal)
        && long.TryParse(id.AsSpan(_epoch.Length + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number)
        && number >= -1 && number < long.MaxValue
            ? number + 1 : null;

    private static TaskCompletionSource NewNews() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
