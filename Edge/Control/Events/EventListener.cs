namespace Edge.Control;

/// <summary>One client that listens to an <see cref="EventFeed"/>. It is asked for the next piece when it has sent the last one.</summary>
internal sealed class EventListener(EventFeed feed, long start, ReadOnlyMemory<byte> greeting) : IDisposable
{
    /// <summary>After this time without an event a comment is sent, so that both ends see that the connection works.</summary>
    internal static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);

    private readonly TaskCompletionSource _left = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ReadOnlyMemory<byte> _greeting = greeting;
    private long _next = start;
    private int _disposed;

    /// <summary>Waits for the next piece; it is empty at the end. One call at a time.</summary>
    internal async ValueTask<ReadOnlyMemory<byte>> NextAsync()
    {
        if (!_greeting.IsEmpty)
        {
            ReadOnlyMemory<byte> greeting = _greeting;
            _greeting = default;
            return greeting;
        }

        while (feed.TryRead(ref _next, out byte[] piece, out Task news))
        {
            if (piece.Length > 0)
            {
                return piece;
            }

            using var wait = new CancellationTokenSource();
            Task heartbeat = Task.Delay(Heartbeat, feed.Time, wait.Token);
            Task first = await Task.WhenAny(news, _left.Task, heartbeat).ConfigureAwait(false);
            await wait.CancelAsync().ConfigureAwait(false);
            if (first == _left.Task)
            {
                break;
            }

            if (first == heartbeat)
            {
                return ": \n\n"u8.ToArray();
            }
        }

        return default;
    }

    /// <summary>The client does not listen any more; a wait for the next piece ends.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            feed.Leave();
            _left.SetResult();
        }
    }
}
