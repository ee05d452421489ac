namespace Edge.Tests.Fleet;

/// <summary>The process log of a test. The log's threads write it while the test reads it; a test waits for a line and never sleeps.</summary>
internal sealed class LogLines : StringWriter
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly Lock _lock = new();
    private readonly List<string> _lines = [];
    private readonly List<(string Word, int Count, TaskCompletionSource<string> Found)> _waiting = [];

    /// <summary>Waits until so many lines with the word are there; returns the last of them.</summary>
    internal async Task<string> WaitAsync(string word, int count = 1)
    {
        var found = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (Find(word, count) is { } line)
            {
                return line;
            }

            _waiting.Add((word, count, found));
        }

        try
        {
            return await found.Task.WaitAsync(Patience);
        }
        catch (TimeoutException)
        {
            Assert.Fail($"no {count} lines with '{word}':\n{this}");
            throw;
        }
    }

    /// <summary>The log writes one line a call.</summary>
    public override void Write(string? value)
    {
        lock (_lock)
        {
            base.Write(value);
            _lines.Add(value ?? "");
            foreach ((string word, int count, TaskCompletionSource<string> found) in _waiting)
            {
                if (Find(word, count) is { } line)
                {
                    found.TrySetResult(line);
                }
            }
        }
    }

    public override string ToString()
    {
        lock (_lock)
        {
            return base.ToString();
        }
    }

    private string? Find(string word, int count) => _lines.Where(l => l.Contains(word, StringComparison.Ordinal)).ElementAtOrDefault(count - 1);
}
