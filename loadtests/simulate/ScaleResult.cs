namespace Edge.Simulate;

/// <summary>What a rule made of a case.</summary>
/// <param name="Case">The traffic.</param>
/// <param name="Rule">The rule's name.</param>
/// <param name="Most">The most replicas at one time, starting ones among them.</param>
/// <param name="Starts">How many were started.</param>
/// <param name="Turns">How often the number went the other way than before.</param>
/// <param name="First">Seconds from the first larger rate to the first start; null if there was none.</param>
/// <param name="P99">Seconds in which 99 of 100 requests were answered.</param>
/// <param name="Failed">Requests that were not answered within 30 s.</param>
/// <param name="Replicas">How many there were, second by second.</param>
internal sealed record ScaleResult(ScaleCase Case, string Rule, int Most, int Starts, int Turns, double? First, double P99, int Failed, int[] Replicas);
