namespace Edge.Control;

/// <summary>
/// Keeps changes of the fleet and a takeover apart. A takeover waits for changes that are under way. While another process may be about to take over,
/// no change begins, because that process would not know of it.
/// </summary>
internal sealed class ChangeGate
{
    private readonly Lock _lock = new();
    private TaskCompletionSource? _idle;
    private int _changes;
    private bool _closed;

    /// <summary>Removals wait for this: after a takeover, the replicas may still have to answer requests of the old process.</summary>
    internal Task BeforeRemovals { get; set; } = Task.CompletedTask;

    /// <summary>Begins a change, if that is allowed; <see cref="Leave"/> ends it.</summary>
    internal bool TryEnter()
    {
        lock (_lock)
        {
            _changes += _closed ? 0 : 1;
            return !_closed;
        }
    }

    internal void Leave()
    {
        lock (_lock)
        {
            if (--_changes == 0)
            {
                _idle?.TrySetResult();
            }
        }
    }

    /// <summary>Allows no further change, and returns when the last one has ended.</summary>
    internal Task CloseAsync()
    {
        lock (_lock)
        {
            _closed = true;
            _idle = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            if (_changes == 0)
            {
                _idle.SetResult();
            }

            return _idle.Task;
        }
    }

    internal void Open()
    {
        lock (_lock)
        {
            _closed = false;
        }
    }
}
