namespace Edge.Tests.Certificates;

/// <summary>A clock that goes on by itself, and leaps where a test has it leap; what is due on the way rings at once.</summary>
internal sealed class LeapingTime : TimeProvider
{
    private readonly Lock _lock = new();
    private readonly HashSet<LeapingTimer> _timers = [];
    private TimeSpan _ahead;

    public override DateTimeOffset GetUtcNow()
    {
        lock (_lock)
        {
            return System.GetUtcNow() + _ahead;
        }
    }

    internal void Leap(TimeSpan by)
    {
        LeapingTimer[] all;
        lock (_lock)
        {
            _ahead += by;
            all = [.. _timers];
        }

        foreach (LeapingTimer timer in all)
        {
            timer.Follow();
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        Assert.Equal(Timeout.InfiniteTimeSpan, period);
        var timer = new LeapingTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class LeapingTimer : ITimer
    {
        private readonly LeapingTime _time;
        private readonly ITimer _real;
        private DateTimeOffset? _due;

        internal LeapingTimer(LeapingTime time, TimerCallback callback, object? state)
        {
            _time = time;
            _real = System.CreateTimer(
                _ =>
                {
                    lock (time._lock)
                    {
                        if (_due is null)
                        {
                            return;
                        }

                        _due = null;
                        time._timers.Remove(this);
                    }

                    callback(state);
                },
                null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (_time._lock)
            {
                _due = dueTime == Timeout.InfiniteTimeSpan ? null : System.GetUtcNow() + _time._ahead + dueTime;
                if (_due is null)
                {
                    _time._timers.Remove(this);
                }
                else
                {
                    _time._timers.Add(this);
                }
            }

            Follow();
            return true;
        }

        internal void Follow()
        {
            TimeSpan wait = Timeout.InfiniteTimeSpan;
            lock (_time._lock)
            {
                if (_due is { } due)
                {
                    TimeSpan left = due - (System.GetUtcNow() + _time._ahead);
                    wait = left > TimeSpan.Zero ? left : TimeSpan.Zero;
                }
            }

            _real.Change(wait, Timeout.InfiniteTimeSpan);
        }

        public void Dispose()
        {
            lock (_time._lock)
            {
                _due = null;
                _time._timers.Remove(this);
            }

            _real.Dispose();
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
