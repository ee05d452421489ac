namespace Edge.Fleet;

/// <summary>A call of /edge/deploy. It waits until the new version is promoted, taken back, or waits for a person.</summary>
/// <param name="image">The image that is asked for.</param>
internal sealed class DeployOperation(string image)
{
    private readonly TaskCompletionSource<DeployAnswer> _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<DeployAnswer> _settled = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal string Image => image;

    /// <summary>Of a hundred requests that may go to the first new replica, how many do; null for what the options say.</summary>
    internal int? CanaryPercent { get; init; }

    /// <summary>Whether the new version is compared with the old one.</summary>
    internal bool IsJudged { get; init; } = true;

    /// <summary>Whether it is deployed though it serves already.</summary>
    internal bool IsForced { get; init; }

    /// <summary>Whether the image is pulled, though the driver has one of this name.</summary>
    internal bool Pulls { get; init; }

    /// <summary>Completes when the deploy has begun, or is refused.</summary>
    internal Task<DeployAnswer> Begun => _begun.Task;

    /// <summary>Completes when the new version is promoted, taken back, or waits for a person; or when the call is refused.</summary>
    internal Task<DeployAnswer> Settled => _settled.Task;

    internal void Begin(DeployAnswer answer) => _begun.TrySetResult(answer);

    internal void Settle(DeployAnswer answer)
    {
        _begun.TrySetResult(answer);
        _settled.TrySetResult(answer);
    }
}
