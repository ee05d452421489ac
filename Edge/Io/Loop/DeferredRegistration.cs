namespace Edge.Io;

/// <summary>
/// New connections that are not registered with epoll yet, in the order in which they came. Most of them are closed within a moment, and then the
/// registration is saved. Those that are still open after that are registered.
/// </summary>
internal sealed class DeferredRegistration
{
    /// <summary>How long a new connection stays unregistered. So long the loop does not notice that its peer has gone.</summary>
    internal const int Milliseconds = 5;

    private readonly Queue<(Pollable Connection, uint Generation, long Due)> _waiting = new();

    internal void Add(Pollable connection, long now) => _waiting.Enqueue((connection, connection.Generation, now + Milliseconds));

    /// <summary>Registers the connections that are due.</summary>
    internal void Advance(long now)
    {
        while (_waiting.TryPeek(out (Pollable Connection, uint Generation, long Due) first) && first.Due <= now)
        {
            _waiting.Dequeue();
            if (!first.Connection.Closed && first.Connection.Generation == first.Generation)
            {
                first.Connection.OnRegistrationDue();
            }
        }
    }

    /// <summary>How long a wait may be: at most <paramref name="wait"/>, in milliseconds, -1 for ever.</summary>
    internal int Bound(int wait, long now)
    {
        if (!_waiting.TryPeek(out (Pollable Connection, uint Generation, long Due) first))
        {
            return wait;
        }

        int due = (int)Math.Max(0, first.Due - now);
        return wait < 0 ? due : Math.Min(wait, due);
    }
}
