namespace Edge.Fleet;

/// <summary>A step that a deploy has taken.</summary>
/// <param name="At">When.</param>
/// <param name="Phase">The phase that it led to.</param>
/// <param name="IsPaused">Whether the deploy has waited for a person since.</param>
/// <param name="Why">The reason.</param>
internal sealed record DeployStep(DateTimeOffset At, DeployPhase Phase, bool IsPaused, string Why)
{
    /// <summary>Where the deploy is since, in a word.</summary>
    internal string Word => WordOf(Phase, IsPaused);

    /// <summary>The word for a phase: that of the phase in lower case, or paused.</summary>
    internal static string WordOf(DeployPhase phase, bool isPaused) => isPaused ? "paused" : phase.ToString().ToLowerInvariant();
}
