using System.Diagnostics;

namespace Edge.Tests.Backends;

/// <summary>Waits for things that raise no event in this process.</summary>
internal static class Quiet
{
    /// <summary>Ends when the value has not changed for the time given: the only sign that a sender is blocked.</summary>
    internal static async Task WhileAsync(Func<long> value, TimeSpan unchanged)
    {
        long last = value();
        var since = Stopwatch.StartNew();
        while (since.Elapsed < unchanged)
        {
            await Task.Delay(10, TestContext.Current.CancellationToken);
            if (value() is var now && now != last)
            {
                last = now;
                since.Restart();
            }
        }
    }

    /// <summary>Ends when the condition holds; fails after the patience of a test.</summary>
    internal static async Task UntilAsync(Func<bool> condition, string what)
    {
        var since = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(since.Elapsed < TimeSpan.FromSeconds(20), $"never came true: {what}");
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Ends when the condition holds, or when the time is up.</summary>
    internal static async Task<bool> WithinAsync(Func<bool> condition, TimeSpan time)
    {
        var since = Stopwatch.StartNew();
        while (!condition() && since.Elapsed < time)
        {
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }

        return condition();
    }

    /// <summary>Polls a condition that needs an asynchronous call, until it holds or the patience is over.</summary>
    internal static async Task UntilAsync(Func<Task<bool>> condition, string what, TimeSpan patience)
    {
        var since = Stopwatch.StartNew();
        while (!await condition())
        {
            Assert.True(since.Elapsed < patience, $"never came true: {what}");
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }
}
