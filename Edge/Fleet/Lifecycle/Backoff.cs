namespace Edge.Fleet;

/// <summary>How long to wait before something that failed is tried again.</summary>
internal static class Backoff
{
    internal static readonly TimeSpan Cap = TimeSpan.FromSeconds(30);

    /// <summary>A replica that stayed healthy for so long starts from the shortest wait again.</summary>
    internal static readonly TimeSpan ResetAfter = TimeSpan.FromMinutes(1);

    /// <summary>Failures in a row from which on it is called a crash loop.</summary>
    internal const int CrashLoop = 5;

    private static readonly TimeSpan Base = TimeSpan.FromMilliseconds(500);

    // Full jitter may draw a wait of nothing; something that fails at once would then be tried without a pause.
    private static readonly TimeSpan Floor = TimeSpan.FromMilliseconds(50);

    /// <summary>The most that the wait may be after so many failures in a row, at least one.</summary>
    internal static TimeSpan Bound(int failures)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(failures, 1);
        int doublings = Math.Min(failures - 1, 16);
        TimeSpan bound = Base * (1 << doublings);
        return bound < Cap ? bound : Cap;
    }

    /// <summary>
    /// Exponential with full jitter: anything up to the bound, so that replicas that died together are not started
    /// together for ever.
    /// </summary>
    internal static TimeSpan Next(int failures, Random random)
    {
        TimeSpan drawn = Bound(failures) * random.NextDouble();
        return drawn > Floor ? drawn : Floor;
    }
}
