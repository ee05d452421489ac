namespace Edge.Control;

/// <summary>A deploy: the one that is under way, or the receipt of the last one.</summary>
/// <param name="State">The phase in lower case, or paused; none if there was no deploy.</param>
/// <param name="Why">What led to it.</param>
/// <param name="Image">What is deployed; null if nothing is.</param>
/// <param name="ImageId">Its id, if that is known.</param>
/// <param name="Was">The image before; null if there was none.</param>
/// <param name="Generation">Of the new replicas; 0 until there are some.</param>
/// <param name="Size">How many replicas the new version is to have.</param>
/// <param name="Canary">Of a hundred requests that may go to the first new replica, how many do.</param>
/// <param name="Judge">Whether the new version is compared with the old one.</param>
/// <param name="Judged">What that has come to; null without a canary.</param>
/// <param name="New">The replicas of the new version.</param>
/// <param name="Old">Those of the version before, running or kept.</param>
/// <param name="Begun">When it was asked for; null if there was no deploy.</param>
/// <param name="KeptUntil">Until when a rollback is possible; null if it is not, or the deploy is not over.</param>
/// <param name="Steps">What has happened so far.</param>
/// <param name="LastLines">What the replica that failed has printed last.</param>
internal sealed record DeployReport(
    string State,
    string? Why,
    string? Image,
    string? ImageId,
    string? Was,
    int Generation,
    int Size,
    int Canary,
    bool Judge,
    string? Judged,
    IReadOnlyList<string> New,
    IReadOnlyList<string> Old,
    DateTimeOffset? Begun,
    DateTimeOffset? KeptUntil,
    IReadOnlyList<DeployStepReport> Steps,
    IReadOnlyList<string> LastLines)
{
    /// <summary>The state of a service that was never deployed to.</summary>
    internal const string None = "none";

    /// <summary>The state of a deploy that waits for a person.</summary>
    internal const string Paused = "paused";

    internal static DeployReport Of(Fleet.DeployStatus? deploy) => deploy is null
        ? new(None, null, null, null, null, 0, 0, 0, false, null, [], [], null, null, [], [])
        : new(
            deploy.Now.Word, deploy.Now.Why, deploy.Image.Name, deploy.Image.Id, deploy.Was?.Name, deploy.Generation, deploy.Size, deploy.CanaryPercent,
            deploy.IsJudged, deploy.Judged, deploy.New, deploy.Old, deploy.Begun, deploy.KeptUntil,
            [.. deploy.Steps.Select(step => new DeployStepReport(step.At, step.Word, step.Why))], deploy.LastLines);
}
