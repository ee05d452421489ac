namespace Edge.Fleet;

/// <summary>What the <see cref="Autoscaler"/> wants.</summary>
/// <param name="Target">How many replicas are needed, within the bounds.</param>
/// <param name="Start">How many to start now.</param>
/// <param name="End">How many to end now: one or none.</param>
/// <param name="Why">The reason of the target, for people.</param>
/// <param name="Next">What happens next, for people.</param>
internal sealed record ScaleDecision(int Target, int Start, int End, string Why, string Next);
