namespace Edge.Fleet;

/// <summary>A deploy at one instant, for readers on any thread; after its end, the receipt.</summary>
/// <param name="Image">What was asked for; with its id, once that is known.</param>
/// <param name="Was">The image before; null if there was none.</param>
/// <param name="Generation">Of the new replicas; 0 until their image is known.</param>
/// <param name="Begun">When it was asked for.</param>
/// <param name="Steps">Its steps; the last one is where it is now.</param>
internal sealed record DeployStatus(ReplicaImage Image, ReplicaImage? Was, int Generation, DateTimeOffset Begun, IReadOnlyList<DeployStep> Steps)
{
    /// <summary>Of a hundred requests that may go to the first new replica, how many do; 0 for none.</summary>
    internal int CanaryPercent { get; init; }

    /// <summary>Whether the new version is compared with the old one.</summary>
    internal bool IsJudged { get; init; }

    /// <summary>How many replicas the new version is to have.</summary>
    internal int Size { get; init; }

    /// <summary>The replicas of the new version, in natural order.</summary>
    internal IReadOnlyList<string> New { get; init; } = [];

    /// <summary>The replicas of the version before that run or are kept, in natural order.</summary>
    internal IReadOnlyList<string> Old { get; init; } = [];

    /// <summary>What the comparison of the canary with the old replicas has come to so far; null without one.</summary>
    internal string? Judged { get; init; }

    /// <summary>Until when the old version is kept; null if nothing of it is.</summary>
    internal DateTimeOffset? KeptUntil { get; init; }

    /// <summary>The last lines that the replica printed that failed; empty if none has failed.</summary>
    internal IReadOnlyList<string> LastLines { get; init; } = [];

    internal DeployStep Now => Steps[^1];

    internal DeployPhase Phase => Now.Phase;

    /// <summary>Whether the new version has proved itself; the old replicas may still be drained.</summary>
    internal bool IsPromoted => Phase is DeployPhase.Retiring or DeployPhase.Done;
}
