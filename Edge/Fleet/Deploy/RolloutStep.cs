namespace Edge.Fleet;

/// <summary>The next step of a deploy.</summary>
/// <param name="State">The state that it leads to.</param>
/// <param name="Action">What it has the fleet do.</param>
internal readonly record struct RolloutStep(DeployState State, DeployAction Action);
