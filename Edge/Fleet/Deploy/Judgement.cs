namespace Edge.Fleet;

/// <summary>A verdict, with what it rests on.</summary>
/// <param name="Verdict">The verdict.</param>
/// <param name="Reason">A sentence for people, with the figures.</param>
internal readonly record struct Judgement(JudgeVerdict Verdict, string Reason);
