namespace Edge.Fleet;

/// <summary>How long to wait before a failed start is tried again.</summary>
internal static class Backoff
{
    internal static readonly TimeSpan Cap = TimeSpan.FromSeconds(30);

    /// <summary>After this time in rotation, the waits begin with the shortest one again.</summary>
    internal static readonly TimeSpan ResetAfter = TimeSpan.FromMinutes(1);

    /// <summary>From this many failures in a row on, it is a crash loop.</summary>
    internal const int CrashLoop = 5;

    private static readonly TimeSpan Base = TimeSpan.FromMilliseconds(500);

    // Full jitter may give a wait of zero; then something that fails at once would be tried without a pause.
    private static readonly TimeSpan Floor = TimeSpan.FromMilliseconds(50);

    /// <summary>The longest wait after this many failures in a row; at least one.</summary>
    internal static TimeSpan Bound(int failures)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(failures, 1);
        int doublings = Math.Min(failures - 1, 16);
        TimeSpan bound = Base * (1 << doublings);
        return bound < Cap ? bound : Cap;
    }

    /// <summary>
    /// Exponential back-off with full jitter: any time up to the bound, so that replicas that died together are not started together for ever.
    /// </summary>
    internal static TimeSpan Next(int failures, Random random)
    {
        TimeSpan drawn = Bound(failures) * random.NextDouble();
        return drawn > Floor ? drawn : Floor;
    }
}
