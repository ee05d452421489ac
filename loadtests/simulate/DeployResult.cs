namespace Edge.Simulate;

/// <summary>Many simulated deploys of one kind.</summary>
/// <param name="Case">The kind.</param>
/// <param name="Rate">Requests a second, old and new ones together.</param>
/// <param name="Ends">How each of them ended.</param>
/// <param name="FlaggerSeconds">When Flagger's rule would have reverted each; null for those that it would not.</param>
internal sealed record DeployResult(DeployCase Case, int Rate, DeployEnd[] Ends, int?[] FlaggerSeconds);
