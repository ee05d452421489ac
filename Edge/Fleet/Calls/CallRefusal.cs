namespace Edge.Fleet;

/// <summary>Why a call is refused, with a message for the caller.</summary>
internal sealed record CallRefusal(CallRefusalKind Kind, string Message);
