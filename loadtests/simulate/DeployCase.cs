namespace Edge.Simulate;

/// <summary>One kind of deploy.</summary>
/// <param name="Name">For people.</param>
/// <param name="OldErrors">The share of requests that the old replicas fail.</param>
/// <param name="NewErrors">The same of the new ones.</param>
/// <param name="Slower">How many times as long the new ones take.</param>
internal sealed record DeployCase(string Name, double OldErrors, double NewErrors, double Slower = 1)
{
    /// <summary>Whether the new ones are as good as the old ones, so that a revert would be wrong.</summary>
    internal bool IsGood => NewErrors <= OldErrors && Slower <= 1;
}
