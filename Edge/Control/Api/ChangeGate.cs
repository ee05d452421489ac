namespace Edge.Control;

/// <summary>
/// Keeps changes of the fleet and a takeover apart: one that is under way is waited for, and while another process may be
/// about to take over none begins, since it would not know of it.
/// </summary>
internal sealed class ChangeGate
{
    private readonly Lock _lock = new();
    private TaskCompletionSource? _idle;
    private int _changes;
    private bool _closed;

    /// <summary>What a removal waits for: replicas that go may still have to answer somebody who is not this process.</summary>
    internal Task BeforeRemovals { get; set; } = Task.CompletedTask;

    /// <summary>A change begins, if it may; it ends with <see cref="Leave"/>.</summary>
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

    /// <summary>Lets no more in, and returns when the last one has left.</summary>
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
