namespace Edge.Fleet;

/// <summary>A call that has a deploy pause, go on, or go back. It waits for nothing.</summary>
/// <param name="command">What is wanted.</param>
internal sealed class DeployCall(DeployCommand command)
{
    private readonly TaskCompletionSource<DeployAnswer> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal DeployCommand Command => command;

    internal Task<DeployAnswer> Answer => _answer.Task;

    internal void Complete(DeployAnswer answer) => _answer.TrySetResult(answer);
}
