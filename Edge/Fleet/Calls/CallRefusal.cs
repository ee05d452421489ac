namespace Edge.Fleet;

/// <summary>A refusal in words for the caller.</summary>
internal sealed record CallRefusal(CallRefusalKind Kind, string Message);
