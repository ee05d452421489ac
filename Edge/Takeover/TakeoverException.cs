namespace Edge.Takeover;

/// <summary>The old balancer does not let itself be taken over, or not any more.</summary>
internal sealed class TakeoverException(string message) : Exception(message);
