namespace Edge.Io;

/// <summary>
/// Connections that the kernel does not watch yet, because they may be closed before there is anything to be told of them; those that
/// are still there after a moment have to be watched. In the order in which they came.
/// </summary>
internal sealed class DeferredRegistration
{
    /// <summary>How long nobody would notice that such a peer has gone.</summary>
    internal const int Milliseconds = 5;

    private readonly Queue<(Connection Connection, uint Generation, long Due)> _waiting = new();

    internal void Add(Connection connection, long now) => _waiting.Enqueue((connection, connection.Generation, now + Milliseconds));

    /// <summary>Has those watched that are due.</summary>
    internal void Advance(long now)
    {
        while (_waiting.TryPeek(out (Connection Connection, uint Generation, long Due) first) && first.Due <= now)
        {
            _waiting.Dequeue();
            if (!first.Connection.Closed && first.Connection.Generation == first.Generation)
            {
                first.Connection.Watch();
            }
        }
    }

    /// <summary>How long a wait may be: at most <paramref name="wait"/>, in milliseconds, -1 for ever.</summary>
    internal int Bound(int wait, long now)
    {
        if (!_waiting.TryPeek(out (Connection Connection, uint Generation, long Due) first))
        {
            return wait;
        }

        int due = (int)Math.Max(0, first.Due - now);
        return wait < 0 ? due : Math.Min(wait, due);
    }
}
