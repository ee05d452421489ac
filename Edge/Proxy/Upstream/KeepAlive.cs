namespace Edge.Proxy;

/// <summary>
/// How long a replica keeps an idle connection, as far as the loop has seen, in the loop's milliseconds. The pool closes after three quarters of
/// that, because a request that leaves just when the replica closes would be lost, or could not be sent again.
/// </summary>
internal struct KeepAlive
{
    // A replica that closes sooner may have such a timeout, or may close behind each response. It may also just end, and be another process when it
    // is back: so what such an end teaches holds for a while, and until the opposite is seen.
    private const long DoubtfulMilliseconds = 250;
    private const long LessonMilliseconds = 10_000;
    private const long ShortestMilliseconds = 10;
    private const long ShortestPauseMilliseconds = 100;

    private long _atMost;
    private long _doubtful;
    private long _doubtfulUntil;
    private long _pausesUntil;
    private long _pause;
    private int _diedInARow;

    /// <summary>Nothing is known yet.</summary>
    internal static KeepAlive Unknown => new() { _atMost = long.MaxValue };

    /// <summary>How long a connection is kept from now on; 0 means not at all.</summary>
    internal readonly long At(long now) =>
        now >= _doubtfulUntil && now >= _pausesUntil ? _atMost : now < _pausesUntil ? 0 : Math.Min(_atMost, _doubtful);

    /// <summary>The replica has closed a connection that was idle.</summary>
    /// <param name="idle">How long it was idle.</param>
    /// <param name="now">The time.</param>
    internal void OnClosedIdle(long idle, long now)
    {
        long lesson = Math.Max(idle * 3 / 4, ShortestMilliseconds);
        if (idle >= DoubtfulMilliseconds)
        {
            _atMost = Math.Min(_atMost, lesson);
            return;
        }

        _doubtful = now < _doubtfulUntil ? Math.Min(_doubtful, lesson) : lesson;
        _doubtfulUntil = now + LessonMilliseconds;
        OnDied(now);
    }

    /// <summary>
    /// A connection ended before it had carried a second response. After two in a row, no connection is kept for a moment; each time that it happens
    /// again after such a pause, the next pause is twice as long. Connections that end together count as one.
    /// </summary>
    internal void OnDied(long now)
    {
        if (now >= _pausesUntil && ++_diedInARow > 1)
        {
            _pause = Math.Clamp(_pause * 2, ShortestPauseMilliseconds, LessonMilliseconds);
            _pausesUntil = now + _pause;
        }
    }

    /// <summary>A connection has carried another response and may carry more: the replica does keep connections.</summary>
    internal void OnReused()
    {
        if (_diedInARow > 0)
        {
            _diedInARow = 0;
            _pause = 0;
        }
    }
}
