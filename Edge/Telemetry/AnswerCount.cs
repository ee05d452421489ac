namespace Edge.Telemetry;

/// <summary>How often one method got one status.</summary>
/// <param name="Method">Its number in the data plane.</param>
/// <param name="Code">The status as a label: three digits, "none" if there was no response, "other" for an unknown status.</param>
/// <param name="Count">How often.</param>
internal readonly record struct AnswerCount(int Method, string Code, long Count);
