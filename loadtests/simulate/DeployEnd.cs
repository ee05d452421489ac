using Edge.Fleet;

namespace Edge.Simulate;

/// <summary>How one simulated deploy ended.</summary>
/// <param name="Verdict">The judge's.</param>
/// <param name="Seconds">After how many seconds, begun ones among them.</param>
/// <param name="Requests">After how many requests that the new replicas had.</param>
internal readonly record struct DeployEnd(JudgeVerdict Verdict, int Seconds, long Requests);
