namespace Edge.Fleet;

/// <summary>The calls that wait for their answer. Belongs to the fleet manager's actor.</summary>
internal sealed class PendingCalls(Roster roster)
{
    internal static readonly CallRefusal ShuttingDown = new(CallRefusalKind.Unavailable, "the balancer is shutting down");

    private readonly HashSet<FleetOperation> _open = [];
    private readonly List<FleetOperation> _finished = [];

    internal bool IsOpen(FleetOperation operation) => _open.Contains(operation);

    internal void Open(FleetOperation operation) => _open.Add(operation);

    /// <summary>Answers the call when the last message has been applied.</summary>
    internal void Finish(FleetOperation operation) => _finished.Add(operation);

    /// <summary>The call does not wait for this member any more.</summary>
    internal void StopWaiting(FleetOperation? operation, Member member)
    {
        if (operation is not null && operation.Waiting.Remove(member) && operation.Waiting.Count == 0)
        {
            Finish(operation);
        }
    }

    /// <summary>A member came into rotation, or left it. An addition is done when all of its members are in rotation.</summary>
    internal void CountHealth(Member member, bool passed)
    {
        if (member.Adding is not { Refusal: null } adding)
        {
            return;
        }

        _ = passed ? adding.Waiting.Remove(member) : adding.Waiting.Add(member);
        if (adding.Waiting.Count == 0)
        {
            adding.Members.ForEach(m => m.Adding = null);
            Finish(adding);
        }
    }

    internal void SendAnswers()
    {
        foreach (FleetOperation operation in _finished)
        {
            operation.Complete(new FleetAnswer(roster.Running(), operation.Refusal, [.. operation.Drained]));
            _open.Remove(operation);
        }

        _finished.Clear();
    }

    /// <summary>Answers a call that came too late.</summary>
    internal void Refuse(FleetMessage message)
    {
        FleetOperation? operation = message switch
        {
            FleetMessage.Add add => add.Operation,
            FleetMessage.Remove remove => remove.Operation,
            FleetMessage.Weigh weigh => weigh.Operation,
            FleetMessage.Scale scale => scale.Operation,
            FleetMessage.Sleep sleep => sleep.Operation,
            _ => null,
        };
        operation?.Complete(new FleetAnswer(roster.Running(), ShuttingDown, []));
    }

    internal void RefuseAll()
    {
        foreach (FleetOperation operation in _open)
        {
            operation.Complete(new FleetAnswer(roster.Running(), ShuttingDown, []));
        }
    }
}
