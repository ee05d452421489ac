namespace Edge.Tests.Fleet;

/// <summary>What happened, in order, over all fakes of a test; tests wait for entries and never sleep.</summary>
internal sealed class Journal
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly Lock _lock = new();
    private readonly List<string> _entries = [];
    private readonly List<(string Entry, int Count, TaskCompletionSource Found)> _waiting = [];

    internal IReadOnlyList<string> Entries
    {
        get
        {
            lock (_lock)
            {
                return [.. _entries];
            }
        }
    }

    internal void Write(string entry)
    {
        lock (_lock)
        {
            _entries.Add(entry);
            foreach ((_, _, TaskCompletionSource found) in _waiting.Where(w => Count(w.Entry) >= w.Count))
            {
                found.TrySetResult();
            }
        }
    }

    /// <summary>Waits until an entry is there so many times.</summary>
    internal async Task WaitAsync(string entry, int count = 1)
    {
        var found = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (Count(entry) >= count)
            {
                return;
            }

            _waiting.Add((entry, count, found));
        }

        try
        {
            await found.Task.WaitAsync(Patience);
        }
        catch (TimeoutException)
        {
            Assert.Fail($"'{entry}' is not there {count} times:\n{string.Join('\n', Entries)}");
        }
    }

    /// <summary>Where an entry is for the last time, from 0.</summary>
    internal int LastIndex(string entry)
    {
        lock (_lock)
        {
            int at = _entries.LastIndexOf(entry);
            Assert.True(at >= 0, $"'{entry}' is not there:\n{string.Join('\n', _entries)}");
            return at;
        }
    }

    private int Count(string entry) => _entries.Count(e => e == entry);
}
