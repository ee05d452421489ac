namespace Edge.Fleet;

/// <summary>
/// Counts health checks of one replica. The first that passes puts it into rotation; after that, one lucky or unlucky
/// check changes nothing. Times are those of one clock, from wherever it begins.
/// </summary>
/// <param name="limits">What it takes.</param>
/// <param name="startsHealthy">Whether it is in rotation before its first check.</param>
/// <param name="now">When it began to run.</param>
internal sealed class HealthTally(HealthLimits limits, bool startsHealthy, TimeSpan now)
{
    private int _passes;
    private int _failures;

    // Of one that was never well, since when it may take its time; of an unhealthy one, since when every check has failed.
    private TimeSpan _since = now;

    /// <summary>What it takes; may change between two checks.</summary>
    internal HealthLimits Limits { get; set; } = limits;

    /// <summary>Whether it has been well at any time.</summary>
    internal bool HasPassed { get; private set; } = startsHealthy;

    /// <summary>Whether it has had its time for a start, and did not become well in it.</summary>
    internal bool IsLate { get; private set; }

    private bool Healthy { get; set; } = startsHealthy;

    /// <summary>Whether it is well, but failed its last check.</summary>
    internal bool Wavers => Healthy && _failures > 0;

    /// <summary>Counts one check, and says what follows from it, if anything.</summary>
    internal HealthVerdict? Count(bool passed, TimeSpan now)
    {
        _passes = passed ? _passes + 1 : 0;
        _failures = passed ? 0 : _failures + 1;
        return !HasPassed ? CountFirst(passed, now) : Healthy ? CountWell(now) : CountIll(passed, now);
    }

    /// <summary>Takes the replica for well without a check. Returns whether that is news.</summary>
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
