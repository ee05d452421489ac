using System.Globalization;
using System.Text;
using System.Text.Json;
using Edge.Config;
using Edge.Fleet;

namespace Edge.Control;

/// <summary>
/// What happens, as server-sent events (HTML Living Standard §9.2): each is written once, into a ring that all listeners read
/// from, each at a place of its own. So a listener costs a number; one that reads more slowly than events come is cut when
/// its place is written over, and may come back with the last id that it got. From any thread.
/// </summary>
internal sealed class EventFeed
{
    private readonly Lock _lock = new();
    private readonly TimeProvider _time;
    private readonly string _epoch;
    private readonly byte[][] _ring = new byte[Limits.EventsKept][];
    private TaskCompletionSource _news = NewNews();
    private FleetSnapshot _fleet = FleetSnapshot.Empty;
    private long _count;
    private int _listeners;
    private bool _closed;

    /// <param name="time">The clock of the events and of the heartbeats.</param>
    internal EventFeed(TimeProvider time)
    {
        _time = time;

        // Another process, which took over or came after, has other events under the same numbers.
        _epoch = time.GetUtcNow().ToUnixTimeMilliseconds().ToString("x", CultureInfo.InvariantCulture);
    }

    internal TimeProvider Time => _time;

    /// <summary>How many listen now.</summary>
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

    /// <summary>The fleet may have changed: what is different is published. On one thread at a time.</summary>
    internal void Look(FleetSnapshot fleet)
    {
        List<FleetEvent> changes = FleetEvents.Between(_fleet, fleet);
        _fleet = fleet;
        changes.ForEach(Publish);
    }

    private void Publish(FleetEvent happened)
    {
        string kind = JsonNamingPolicy.SnakeCaseLower.ConvertName(happened.Kind.ToString());
        ReplicaSnapshot? replica = happened.Replica;
        Publish(new EventReport(
            _time.GetUtcNow(),
            kind,
            replica?.Name,
            replica?.State.ToString().ToLowerInvariant(),
            happened.Was?.ToString().ToLowerInvariant(),
            replica?.Address?.ToString(),
            replica?.Weight,
            happened.Why));
    }

    /// <summary>Something that is about no replica.</summary>
    internal void Publish(string kind, string? why) => Publish(new EventReport(_time.GetUtcNow(), kind, Why: why));

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

    /// <summary>Lets one more listen; null where there is no room, or nothing will happen any more.</summary>
    /// <param name="lastId">What it got last, here or elsewhere; null or anything else for one that begins.</param>
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

            // The id that the greeting has is the one to come back with where nothing else is heard.
            string hello = $"retry: 1000\nid: {IdOf(start - 1)}\nevent: hello\ndata: {{\"resumed\":{(resumes ? "true" : "false")}}}\n\n";
            return new EventListener(this, start, Encoding.ASCII.GetBytes(hello));
        }
    }

    /// <summary>Nothing happens any more: listeners get what there is, and then the end.</summary>
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

    /// <summary>What there is from a place on, as much as one piece may be.</summary>
    /// <param name="next">The place; afterwards behind what was read.</param>
    /// <param name="piece">Whole events; empty where there is none yet.</param>
    /// <param name="news">Ends with the next event.</param>
    /// <returns>False at the end: nothing will come, or what was at the place is gone.</returns>
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
            while (next < _count && bytes + _ring[next % _ring.Length].Length <= Limits.OwnPieceBytes)
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
