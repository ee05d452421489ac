namespace Edge.Fleet;

/// <summary>Where a deploy is. Immutable.</summary>
/// <param name="Phase">Its phase.</param>
/// <param name="Since">When the phase began, or the deploy was resumed in it.</param>
/// <param name="Why">What led to it.</param>
internal sealed record DeployState(DeployPhase Phase, DateTimeOffset Since, string Why)
{
    /// <summary>Whether it waits for a person.</summary>
    internal bool IsPaused { get; init; }

    /// <summary>Whether requests go to the new replicas; where they are replaced one by one, to those that are well.</summary>
    internal bool IsSwitched { get; init; }

    /// <summary>Whether a person has had it go on though the judge would have it wait.</summary>
    internal bool IsOverruled { get; init; }

    /// <summary>Whether single requests are divided, because hardly any client was the canary's.</summary>
    internal bool IsByRequest { get; init; }

    /// <summary>Since when the old replicas are kept for a rollback; null if they are not.</summary>
    internal DateTimeOffset? KeptSince { get; init; }

    /// <summary>Whether what the last action was about is under way.</summary>
    internal bool IsAsked { get; init; }

    /// <summary>The next phase.</summary>
    internal DeployState To(DeployPhase phase, DateTimeOffset now, string why) =>
        this with { Phase = phase, Since = now, Why = why, IsPaused = false, IsAsked = false };
}
