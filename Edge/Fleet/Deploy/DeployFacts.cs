namespace Edge.Fleet;

/// <summary>What is known of a deploy and its replicas at one instant.</summary>
internal readonly record struct DeployFacts
{
    /// <summary>Why there is no image to make the new replicas of; null if there is one, or it is still looked for.</summary>
    internal string? ImageFailure { get; init; }

    /// <summary>Whether the image is known.</summary>
    internal bool IsImageKnown { get; init; }

    /// <summary>Whether it is the image that serves already.</summary>
    internal bool IsSameImage { get; init; }

    /// <summary>How many replicas the new version is to have.</summary>
    internal int Size { get; init; }

    /// <summary>New replicas that were begun and are not being removed.</summary>
    internal int New { get; init; }

    /// <summary>New replicas that are well.</summary>
    internal int NewReady { get; init; }

    /// <summary>New replicas that get requests like all others.</summary>
    internal int NewServing { get; init; }

    /// <summary>New replicas that are still there, well or not.</summary>
    internal int NewLeft { get; init; }

    /// <summary>Whether the first new replica is being removed.</summary>
    internal bool IsLeadLeaving { get; init; }

    /// <summary>Why a new replica is lost: it could not be started, has ended, fails its checks, or is ejected; null if none is.</summary>
    internal string? Lost { get; init; }

    /// <summary>Old replicas that are in rotation, or would be.</summary>
    internal int OldReady { get; init; }

    /// <summary>Old replicas that run.</summary>
    internal int OldRunning { get; init; }

    /// <summary>Old replicas that are kept.</summary>
    internal int OldKept { get; init; }

    /// <summary>Old replicas that are being started again.</summary>
    internal int OldStarting { get; init; }

    /// <summary>Whether the paths of the plan were answered; null while that is not known.</summary>
    internal bool? SmokePassed { get; init; }

    /// <summary>Why not.</summary>
    internal string? SmokeFailure { get; init; }

    /// <summary>Requests that the canary has had.</summary>
    internal long CanaryAttempts { get; init; }

    /// <summary>Requests that it could have had, and old replicas got.</summary>
    internal long OldAttempts { get; init; }

    /// <summary>What the judge says.</summary>
    internal JudgeVerdict Verdict { get; init; }

    /// <summary>Why it says so.</summary>
    internal string Judged { get; init; }

    /// <summary>Whether the last lines of the failed replica are read.</summary>
    internal bool AreLinesRead { get; init; }
}
