namespace Edge.Drivers;

/// <summary>
/// Calls that several make at the same time, made once for all of them. Nobody gets what began before it asked: so whoever asks after a change sees it. From
/// any thread.
/// </summary>
/// <typeparam name="T">What a call gives.</typeparam>
internal sealed class SharedCalls<T>
{
    private readonly Lock _one = new();
    private readonly Dictionary<string, (Task<T> Running, Task<T>? Next)> _calls = new(StringComparer.Ordinal);

    /// <summary>Makes a call, or waits for the next one of the same key, which somebody else waits for already.</summary>
    /// <param name="key">Calls of one key are the same.</param>
    /// <param name="call">The call. It is not called off if one of those who wait leaves.</param>
    /// <param name="cancellation">Ends the wait.</param>
    internal Task<T> RunAsync(string key, Func<CancellationToken, Task<T>> call, CancellationToken cancellation)
    {
        lock (_one)
        {
            Task<T> mine;
            if (!_calls.TryGetValue(key, out (Task<T> Running, Task<T>? Next) now))
            {
                mine = Task.Run(() => call(CancellationToken.None), CancellationToken.None);
                _calls[key] = (mine, null);
                _ = EndAsync(key, mine);
            }
            else
            {
                mine = now.Next ?? AfterAsync(key, now.Running, call);
                _calls[key] = (now.Running, mine);
            }

            return mine.WaitAsync(cancellation);
        }
    }

    private async Task<T> AfterAsync(string key, Task<T> before, Func<CancellationToken, Task<T>> call)
    {
        await ((Task)before).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
        Task<T> mine;
        lock (_one)
        {
            mine = call(CancellationToken.None);
            _calls[key] = (mine, null);
        }

        _ = EndAsync(key, mine);
        return await mine;
    }

    // The next one takes the place by itself.
    private async Task EndAsync(string key, Task<T> ended)
    {
        await ((Task)ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
        lock (_one)
        {
            if (_calls.TryGetValue(key, out (Task<T> Running, Task<T>? Next) now) && now.Running == ended && now.Next is null)
            {
                _calls.Remove(key);
            }
        }
    }
}
