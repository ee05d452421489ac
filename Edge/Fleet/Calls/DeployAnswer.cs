namespace Edge.Fleet;

/// <summary>The answer to a call about a deploy.</summary>
/// <param name="Status">The deploy as it is now; null if there was none.</param>
/// <param name="Refusal">Null if the call was carried out.</param>
internal sealed record DeployAnswer(DeployStatus? Status, CallRefusal? Refusal);
