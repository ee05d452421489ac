namespace Edge.Control;

/// <summary>A deploy in short: the one that is under way, or the last one.</summary>
/// <param name="State">The phase in lower case, or paused.</param>
/// <param name="Why">What led to it.</param>
/// <param name="Image">What is deployed.</param>
/// <param name="Since">Since when it is in that state.</param>
/// <param name="CanRollBack">Whether the version before still runs or is kept.</param>
internal sealed record DeploySummary(string State, string Why, string Image, DateTimeOffset Since, bool CanRollBack)
{
    /// <summary>Null if there was no deploy.</summary>
    internal static DeploySummary? Of(Fleet.DeployStatus? deploy) => deploy is null ? null : new(
        deploy.Now.Word, deploy.Now.Why, deploy.Image.Name, deploy.Now.At,
        deploy.Phase == Fleet.DeployPhase.Switched || (deploy.Phase == Fleet.DeployPhase.Retiring && deploy.Old.Count > 0) || deploy.KeptUntil is not null);
}
