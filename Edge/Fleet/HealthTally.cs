namespace Edge.Fleet;

/// <summary>What a row of health checks comes to.</summary>
internal enum HealthVerdict
{
    /// <summary>It has never been well.</summary>
    NotYet,

    /// <summary>It is well: into rotation.</summary>
    Passed,

    /// <summary>It is not well: out of rotation.</summary>
    Failed,

    /// <summary>It has not been well for so long that only a restart may help.</summary>
    Wedged,

    /// <summary>It stays in rotation, but failed its last check: what its requests show against it counts for more. Ends with the next verdict.</summary>
    Wavered,
}

/// <summary>
/// Counts health checks of one replica. The first that passes puts it into rotation; after that, one lucky or unlucky
/// check changes nothing.
/// </summary>
/// <param name="rise">Checks to pass in a row for an unhealthy replica.</param>
/// <param name="fall">Checks to fail in a row for a healthy one.</param>
/// <param name="startsHealthy">Whether it is in rotation before its first check.</param>
internal sealed class HealthTally(int rise, int fall, bool startsHealthy)
{
    /// <summary>How many times the fall, after it, until an unhealthy replica is wedged.</summary>
    internal const int WedgedFalls = 3;

    /// <summary>Checks to pass in a row for an unhealthy replica; may change between two checks.</summary>
    internal int Rise { get; set; } = rise;

    /// <summary>Checks to fail in a row for a healthy one; may change between two checks.</summary>
    internal int Fall { get; set; } = fall;

    private int _passes;
    private int _failures;

    /// <summary>Whether it has been well at any time.</summary>
    internal bool HasPassed { get; private set; } = startsHealthy;

    private bool Healthy { get; set; } = startsHealthy;

    /// <summary>Whether it is well, but failed its last check.</summary>
    internal bool Wavers => Healthy && _failures > 0;

    /// <summary>Counts one check, and says what follows from it, if anything.</summary>
    internal HealthVerdict? Count(bool passed)
    {
        _passes = passed ? _passes + 1 : 0;
        _failures = passed ? 0 : _failures + 1;
        if (!HasPassed)
        {
            if (passed)
            {
                HasPassed = Healthy = true;
                return HealthVerdict.Passed;
            }

            return HealthVerdict.NotYet;
        }

        if (Healthy)
        {
            if (_failures >= Fall)
            {
                Healthy = false;
                _failures = 0;
                return HealthVerdict.Failed;
            }

            return null;
        }

        if (_passes >= Rise)
        {
            Healthy = true;
            return HealthVerdict.Passed;
        }

        if (_failures >= Fall * WedgedFalls)
        {
            _failures = 0;
            return HealthVerdict.Wedged;
        }

        return null;
    }
}
