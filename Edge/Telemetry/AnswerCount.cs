namespace Edge.Telemetry;

/// <summary>How often one method got one status.</summary>
/// <param name="Method">Its number, as the data plane has them.</param>
/// <param name="Code">The status as a label: three digits, "none" where there was no answer, "other" for one that nobody knows.</param>
/// <param name="Count">How often.</param>
internal readonly record struct AnswerCount(int Method, string Code, long Count);
