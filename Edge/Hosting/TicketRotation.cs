using Edge.Io;
using Edge.Takeover;

namespace Edge.Hosting;

/// <summary>
/// Begins with a new ticket key from time to time, so that one that is stolen opens the sessions of a bounded time only (RFC 5077 §5.5). A process that
/// takes over goes on with the keys, and with the time of the next change: else a service that is replaced every day would keep one key for ever.
/// </summary>
internal sealed class TicketRotation : IDisposable
{
    /// <summary>How long a key encrypts. It decrypts for as long again, twice: more than any ticket is good for.</summary>
    internal static readonly TimeSpan Interval = TimeSpan.FromHours(12);

    private readonly Lock _one = new();
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private TimeSpan _due;
    private long _since;

    /// <param name="inherited">What another process had; null for new keys.</param>
    /// <param name="time">The clock.</param>
    internal TicketRotation(HandedTickets? inherited, TimeProvider time)
    {
        Keys = new TicketKeys(inherited?.Keys);
        _time = time;
        _since = time.GetTimestamp();
        _due = inherited is { } tickets && tickets.Left < Interval ? tickets.Left : Interval;
        _timer = time.CreateTimer(_ => Rotate(), null, _due, Timeout.InfiniteTimeSpan);
    }

    internal TicketKeys Keys { get; }

    /// <summary>What the process that takes over needs to go on.</summary>
    internal HandedTickets HandOn()
    {
        lock (_one)
        {
            TimeSpan left = _due - _time.GetElapsedTime(_since);
            return new HandedTickets(Keys.All, left > TimeSpan.Zero ? left : TimeSpan.Zero);
        }
    }

    /// <summary>No key changes any more: another process has them, and would not know a new one.</summary>
    public void Dispose() => _timer.Dispose();

    private void Rotate()
    {
        lock (_one)
        {
            Keys.Rotate();
            (_since, _due) = (_time.GetTimestamp(), Interval);
        }

        _timer.Change(Interval, Timeout.InfiniteTimeSpan);
    }
}
