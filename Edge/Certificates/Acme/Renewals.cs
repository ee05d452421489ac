using System.Globalization;

namespace Edge.Certificates;

/// <summary>Decides when certificates are got and renewed. Pure: the same facts give the same time.</summary>
internal static class Renewals
{
    /// <summary>How long a name is asked for with growing pauses; after that only once in <see cref="s_afterwards"/>.</summary>
    internal static readonly TimeSpan Persistence = TimeSpan.FromDays(30);

    // Authorities bear with 5 failed proofs of a name an hour: attempts come after 0, 5, 15, 35 and 75 minutes.
    private static readonly TimeSpan s_firstPause = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromHours(12);
    private static readonly TimeSpan s_afterwards = TimeSpan.FromDays(7);

    private static readonly TimeSpan s_firstOutage = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_longestOutage = TimeSpan.FromHours(1);

    private static readonly TimeSpan s_windowCheck = TimeSpan.FromHours(6);

    /// <summary>
    /// When a certificate is to be renewed: in the authority's window, or at the beginning of the last third of its life. Certificates that were given
    /// out together are spread.
    /// </summary>
    /// <param name="from">When its life begins.</param>
    /// <param name="until">When it ends.</param>
    /// <param name="window">The authority's, if it says one.</param>
    /// <param name="spread">From 0 to 1, another for each certificate, and always the same for one.</param>
    internal static DateTimeOffset Due(DateTimeOffset from, DateTimeOffset until, RenewalWindow? window, double spread)
    {
        TimeSpan life = until - from;
        if (window is { } asked && asked.End >= asked.Start)
        {
            // A window that lies too late would leave no time for a second attempt; one that is always in the past would have it renewed for ever.
            DateTimeOffset chosen = asked.Start + ((asked.End - asked.Start) * spread);
            return chosen > until - (life / 10) ? until - (life / 10) : chosen < from + (life / 100) ? from + (life / 100) : chosen;
        }

        return from + (life * 2 / 3) + (life / 15 * spread);
    }

    /// <summary>How much later than its first time a certificate is due (<see cref="Due"/>): its number, which the authority chose at random.</summary>
    /// <param name="serial">In hexadecimal digits.</param>
    internal static double SpreadOf(string serial) =>
        ulong.Parse(serial.Length > 8 ? serial[^8..] : serial, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture) / (double)0x1_0000_0000;

    /// <summary>What is remembered after an attempt that failed.</summary>
    /// <param name="before">Of the attempts before in a row; null if this is the first one.</param>
    /// <param name="now">When it failed.</param>
    /// <param name="retryAfter">How long the authority asks to wait, if it says so.</param>
    /// <param name="why">Why it failed.</param>
    /// <param name="jitter">From 0 to 1.</param>
    internal static FailureRecord AfterFailure(FailureRecord? before, DateTimeOffset now, TimeSpan? retryAfter, string why, double jitter)
    {
        int count = (before?.Count ?? 0) + 1;
        DateTimeOffset first = before?.First ?? now;
        TimeSpan pause = now - first >= Persistence ? s_afterwards : Doubled(s_firstPause, count, s_longestPause);
        pause *= 1 + (jitter / 10);
        return new FailureRecord(count, first, now + (retryAfter is { } asked && asked > pause ? asked : pause), why);
    }

    /// <summary>How long nobody is asked after an outage of the authority.</summary>
    /// <param name="outages">How many there were in a row.</param>
    /// <param name="retryAfter">How long the authority asks to wait, if it says so.</param>
    internal static TimeSpan PauseAfterOutage(int outages, TimeSpan? retryAfter)
    {
        TimeSpan pause = Doubled(s_firstOutage, outages, s_longestOutage);
        return retryAfter is { } asked && asked > pause ? asked : pause;
    }

    /// <summary>When the authority is asked for its window again (RFC 9773 §4.3): when it says, but neither each minute nor less than once a day.</summary>
    /// <param name="now">When it was asked.</param>
    /// <param name="retryAfter">What it said; null if it said nothing, or could not be asked.</param>
    internal static DateTimeOffset NextWindowCheck(DateTimeOffset now, TimeSpan? retryAfter) =>
        now + TimeSpan.FromSeconds(Math.Clamp((retryAfter ?? s_windowCheck).TotalSeconds, 60, TimeSpan.FromDays(1).TotalSeconds));

    private static TimeSpan Doubled(TimeSpan first, int count, TimeSpan longest) =>
        count > 20 ? longest : TimeSpan.FromTicks(Math.Min(first.Ticks << (count - 1), longest.Ticks));
}
