namespace Edge.Control;

/// <summary>A step of a deploy.</summary>
/// <param name="At">When.</param>
/// <param name="State">The phase that it led to, in lower case, or paused.</param>
/// <param name="Why">The reason.</param>
internal sealed record DeployStepReport(DateTimeOffset At, string State, string Why);
