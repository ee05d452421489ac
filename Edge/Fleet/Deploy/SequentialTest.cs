namespace Edge.Fleet;

/// <summary>
/// Wald's sequential test of a share (Annals of Mathematical Statistics 16, 1945): whether events happen with the share that is expected, or with one that
/// is not acceptable. It may be asked after each event and decides as early as the figures allow, where a test with a fixed number of events decides late,
/// and one that is repeated finds something in the end whatever the truth is.
/// </summary>
/// <param name="Expected">The share that is expected; between 0 and <see cref="Rejected"/>.</param>
/// <param name="Rejected">The one that is not acceptable; below 1.</param>
internal readonly record struct SequentialTest(double Expected, double Rejected)
{
    // Chance takes what is as expected for what is not in one of a thousand cases, and the opposite in one of twenty.
    private const double FalseAlarms = 0.001;
    private const double Missed = 0.05;

    private static readonly double s_rejects = Math.Log((1 - Missed) / FalseAlarms);
    private static readonly double s_accepts = Math.Log(Missed / (1 - FalseAlarms));

    /// <summary>What so many events say: true if the share is as expected, false if it is not acceptable, null if more have to be seen.</summary>
    /// <param name="count">How many events there were.</param>
    /// <param name="hits">How many of them are what is counted.</param>
    internal bool? Accepts(long count, long hits)
    {
        double evidence = hits * Math.Log(Rejected / Expected) + (count - hits) * Math.Log((1 - Rejected) / (1 - Expected));
        return evidence >= s_rejects ? false : evidence <= s_accepts ? true : null;
    }
}
