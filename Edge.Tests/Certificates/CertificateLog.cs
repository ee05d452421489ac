using System.Text;

namespace Edge.Tests.Certificates;

/// <summary>What the process log says; tests wait for lines of it.</summary>
internal sealed class CertificateLog : TextWriter
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly Lock _lock = new();
    private readonly List<string> _lines = [];
    private TaskCompletionSource _news = New();

    public override Encoding Encoding => Encoding.UTF8;

    internal string[] All
    {
        get
        {
            lock (_lock)
            {
                return [.. _lines];
            }
        }
    }

    public override void Write(string? value)
    {
        TaskCompletionSource news;
        lock (_lock)
        {
            _lines.Add(value!.TrimEnd());
            (news, _news) = (_news, New());
        }

        news.SetResult();
    }

    /// <summary>How many lines have all of these words.</summary>
    internal int Count(params string[] words) => All.Count(line => words.All(word => line.Contains(word, StringComparison.Ordinal)));

    /// <summary>Waits until so many lines have all of these words.</summary>
    internal async Task WaitAsync(int count, params string[] words)
    {
        long started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            Task news;
            lock (_lock)
            {
                news = _news.Task;
            }

            if (Count(words) >= count)
            {
                return;
            }

            TimeSpan left = s_patience - TimeProvider.System.GetElapsedTime(started);
            try
            {
                await news.WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.FromMilliseconds(1));
            }
            catch (TimeoutException)
            {
                Assert.Fail($"not {count} lines with {string.Join(" ", words)}:\n{string.Join('\n', All)}");
            }
        }
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
