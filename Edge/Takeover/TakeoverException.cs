namespace Edge.Takeover;

/// <summary>The old balancer refuses to be taken over, or has stopped doing so.</summary>
internal sealed class TakeoverException(string message) : Exception(message);
