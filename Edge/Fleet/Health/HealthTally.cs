namespace Edge.Fleet;

/// <summary>
/// Counts the health checks of one replica. The first passed check puts it into rotation; after that a single check changes nothing. All times come
/// from one clock.
/// </summary>
/// <param name="limits">How many checks lead to a verdict.</param>
/// <param name="startsHealthy">Whether it is in rotation before its first check.</param>
/// <param name="now">When the replica began to run.</param>
internal sealed class HealthTally(HealthLimits limits, bool startsHealthy, TimeSpan now)
{
    private int _passes;
    private int _failures;

    // For a replica that was never well, when its time began; for an unhealthy one, when it began to fail every check.
    private TimeSpan _since = now;

    /// <summary>How many checks lead to a verdict; may change between two checks.</summary>
    internal HealthLimits Limits { get; set; } = limits;

    /// <summary>Whether it has been well at any time.</summary>
    internal bool HasPassed { get; private set; } = startsHealthy;

    /// <summary>Whether its time for a start is over, and it has not become well.</summary>
    internal bool IsLate { get; private set; }

    private bool Healthy { get; set; } = startsHealthy;

    /// <summary>Whether it is well, but failed its last check.</summary>
    internal bool Wavers => Healthy && _failures > 0;

    /// <summary>Counts one check. Returns the verdict, if there is a new one.</summary>
    internal HealthVerdict? Count(bool passed, TimeSpan now)
    {
        _passes = passed ? _passes + 1 : 0;
        _failures = passed ? 0 : _failures + 1;
        return !HasPassed ? CountFirst(passed, now) : Healthy ? CountWell(now) : CountIll(passed, now);
    }

    /// <summary>Counts the replica as well without a check. Returns whether that is a change.</summary>
    internal bool AssumeWell()
    {
        bool isNews = !Healthy;
        HasPassed = Healthy = true;
        _failures = 0;
        return isNews;
    }

    private HealthVerdict CountFirst(bool passed, TimeSpan now)
    {
        if (passed)
        {
            HasPassed = Healthy = true;
            return HealthVerdict.Passed;
        }

        if (now - _since < Limits.Start)
        {
            return HealthVerdict.NotYet;
        }

        IsLate = true;
        _since = now;
        return HealthVerdict.NeverWell;
    }

    private HealthVerdict? CountWell(TimeSpan now)
    {
        if (_failures < Limits.Fall)
        {
            return null;
        }

        Healthy = false;
        _since = now;
        return HealthVerdict.Failed;
    }

    private HealthVerdict? CountIll(bool passed, TimeSpan now)
    {
        if (_passes >= Limits.Rise)
        {
            Healthy = true;
            return HealthVerdict.Passed;
        }

        if (passed || now - _since < Limits.Patience)
        {
            _since = passed ? now : _since;
            return null;
        }

        _since = now;
        return HealthVerdict.Wedged;
    }
}
