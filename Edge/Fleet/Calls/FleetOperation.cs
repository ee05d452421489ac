namespace Edge.Fleet;

/// <summary>A call that changes the fleet, from its arrival to its answer.</summary>
internal abstract class FleetOperation(int count, IReadOnlyList<string> names)
{
    private readonly TaskCompletionSource<FleetAnswer> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal int Count { get; } = count;

    internal IReadOnlyList<string> Names { get; } = names;

    /// <summary>The members that the call still waits for.</summary>
    internal HashSet<Member> Waiting { get; } = [];

    internal CallRefusal? Refusal { get; set; }

    internal List<DrainReceipt> Drained { get; } = [];

    internal Task<FleetAnswer> Answer => _answer.Task;

    /// <summary>Gives the answer; only the first one counts.</summary>
    internal void Complete(FleetAnswer answer) => _answer.TrySetResult(answer);
}
