using Edge.Drivers;

namespace Edge.Tests.Drivers;

/// <summary>Calls that several make at the same time.</summary>
public sealed class SharedCallsTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private readonly SharedCalls<int> _calls = new();
    private readonly List<TaskCompletionSource<int>> _made = [];

    private Task<int> Ask(string key = "a", CancellationToken cancellation = default) => _calls.RunAsync(
        key,
        _ =>
        {
            var one = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
            lock (_made)
            {
                _made.Add(one);
            }

            return one.Task;
        },
        cancellation);

    private async Task<TaskCompletionSource<int>> MadeAsync(int number)
    {
        await Backends.Quiet.UntilAsync(
            () =>
            {
                lock (_made)
                {
                    return _made.Count >= number;
                }
            },
            $"{number} calls are made");
        lock (_made)
        {
            Assert.Equal(number, _made.Count);
            return _made[number - 1];
        }
    }

    [Fact]
    public async Task Whoever_asks_while_a_call_is_under_way_gets_the_next_one_together_with_all_others()
    {
        Task<int> first = Ask();
        TaskCompletionSource<int> one = await MadeAsync(1);
        Task<int>[] others = [.. Enumerable.Range(0, 10).Select(_ => Ask())];
        one.SetResult(1);
        Assert.Equal(1, await first);
        (await MadeAsync(2)).SetResult(2);
        Assert.Equal(Enumerable.Repeat(2, 10), await Task.WhenAll(others));
        Task<int> late = Ask();
        (await MadeAsync(3)).SetResult(3);
        Assert.Equal(3, await late);
    }

    [Fact]
    public async Task A_failure_is_for_those_who_waited_for_that_call_alone()
    {
        Task<int> first = Ask();
        TaskCompletionSource<int> one = await MadeAsync(1);
        Task<int> next = Ask();
        one.SetException(new IOException("lost"));
        await Assert.ThrowsAsync<IOException>(() => first);
        (await MadeAsync(2)).SetResult(2);
        Assert.Equal(2, await next);
    }

    [Fact]
    public async Task One_who_leaves_calls_off_nobody_elses_wait()
    {
        using var leaving = new CancellationTokenSource();
        Task<int> first = Ask(cancellation: leaving.Token);
        TaskCompletionSource<int> one = await MadeAsync(1);
        Task<int> next = Ask();
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        one.SetResult(1);
        (await MadeAsync(2)).SetResult(2);
        Assert.Equal(2, await next.WaitAsync(Cancellation));
    }

    [Fact]
    public async Task Other_keys_are_other_calls()
    {
        Task<int> a = Ask("a"), b = Ask("b");
        await MadeAsync(2);
        _made.ForEach(one => one.SetResult(7));
        int[] got = await Task.WhenAll(a, b);
        Assert.Equal([7, 7], got);
    }
}
